import { embeddedDatabases } from './databases.ts';
import { noCounts, openStand, type Stand } from './world.ts';

export { played } from './history.ts';

/** Where histories are played, by the product that is built in with it. */
export const newStand = (counts = noCounts()): Promise<Stand> =>
  openStand(embeddedDatabases(), counts);

import { embeddedDatabases } from './databases.ts';
import { sharedDuckdb } from './engines.ts';
import { noCounts, openStand, type Stand } from './world.ts';

export { played } from './history.ts';

/** Where histories are played, by the product that is built in with it. */
export const newStand = async (counts = noCounts()): Promise<Stand> => {
  const engines = await sharedDuckdb();
  const stand = await openStand(embeddedDatabases(), counts);
  return {
    ...stand,
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]();
      await engines[Symbol.asyncDispose]();
    },
  };
};

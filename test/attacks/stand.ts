import { embeddedDatabases } from './databases.ts';
import { sharedDuckdb } from './engines.ts';
import { noCounts, openStand, type Stand } from './world.ts';

export { played } from './history.ts';

/** Creates the environment of histories, for the product that is bundled with it. */
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

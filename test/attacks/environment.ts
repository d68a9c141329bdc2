import { embeddedDatabases } from './databases.ts';
import { sharedDuckdb } from './engines.ts';
import { noCounts, openEnvironment, type Environment } from './world.ts';

export { played } from './history.ts';

/** Creates the environment of histories, for the product that is bundled with it. */
export const newEnvironment = async (counts = noCounts()): Promise<Environment> => {
  const engines = await sharedDuckdb();
  const environment = await openEnvironment(embeddedDatabases(), counts);
  return {
    ...environment,
    async [Symbol.asyncDispose]() {
      await environment[Symbol.asyncDispose]();
      await engines[Symbol.asyncDispose]();
    },
  };
};

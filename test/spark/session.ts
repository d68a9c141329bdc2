import { fileURLToPath } from 'node:url';
import { sparkEngine } from '../../src/engines/spark/engine.ts';
import type { Engine } from '../../src/lake/ports/engine.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Spark as the laptop runs it, in one session that starts with the first task. Failed tasks are
 * retried, as on a cluster.
 */
export const openSpark = (
  scripts = here('../../glue'),
  settings: Readonly<Record<string, string>> = {},
): Engine =>
  sparkEngine({
    scripts,
    python: process.env['PURCHASES_TEST_PYTHON'] ?? here('../../.venv/bin/python'),
    master: 'local[2,3]',
    settings: {
      'spark.driver.memory': '2g',
      'spark.sql.shuffle.partitions': '3',
      ...settings,
    },
  });

/**
 * An engine that switches between two, like a lake that is run locally today and on Glue tomorrow.
 */
export type EitherEngine = Engine & { use(engine: Engine): void };

export function eitherEngine(first: Engine): EitherEngine {
  let now = first;
  return {
    get name() {
      return now.name;
    },
    use: (engine) => void (now = engine),
    bronzeToSilver: (workspace, task) => now.bronzeToSilver(workspace, task),
    objectsWithStaleRates: (workspace, files, rates) =>
      now.objectsWithStaleRates(workspace, files, rates),
    silverToGold: (workspace, task) => now.silverToGold(workspace, task),
    goldToStaging: (workspace, before, after) => now.goldToStaging(workspace, before, after),
    close: async () => undefined,
  };
}

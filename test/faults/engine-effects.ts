import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Workspace } from '../../src/lake/ports/engine.ts';
import type { Tripwire } from './tripwire.ts';

/**
 * An engine whose calls are effects of the process. Midway, the scratch folder holds a half-written
 * file.
 */
export function watchedEngine(engine: Engine, wire: Tripwire): Engine {
  const call = <T>(name: string, { scratch }: Workspace, work: () => Promise<T>): Promise<T> =>
    wire.effect(`engine ${name}`, work, () =>
      writeFile(join(scratch, `${name}.parquet`), 'PAR1 and nothing else'),
    );
  return {
    name: engine.name,
    bronzeToSilver: (workspace, task) =>
      call('bronzeToSilver', workspace, () => engine.bronzeToSilver(workspace, task)),
    objectsWithStaleRates: (workspace, files, rates) =>
      call('otherRates', workspace, () => engine.objectsWithStaleRates(workspace, files, rates)),
    silverToGold: (workspace, task) =>
      call('silverToGold', workspace, () => engine.silverToGold(workspace, task)),
    goldToStaging: (workspace, before, after) =>
      call('goldToStaging', workspace, () => engine.goldToStaging(workspace, before, after)),
    close: () => engine.close(),
  };
}

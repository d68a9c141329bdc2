import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Workplace } from '../../src/lake/ports/engine.ts';
import type { Tripwire } from './tripwire.ts';

/**
 * An engine whose calls are effects of the process; midway there is a file of half an answer in the
 * scratch folder.
 */
export function watchedEngine(engine: Engine, wire: Tripwire): Engine {
  const call = <T>(name: string, { scratch }: Workplace, work: () => Promise<T>): Promise<T> =>
    wire.effect(`engine ${name}`, work, () =>
      writeFile(join(scratch, `${name}.parquet`), 'PAR1 and no more'),
    );
  return {
    name: engine.name,
    bronzeToSilver: (work, task) =>
      call('bronzeToSilver', work, () => engine.bronzeToSilver(work, task)),
    otherRates: (work, files, rates) =>
      call('otherRates', work, () => engine.otherRates(work, files, rates)),
    silverToGold: (work, task) => call('silverToGold', work, () => engine.silverToGold(work, task)),
    goldToStaging: (work, before, after) =>
      call('goldToStaging', work, () => engine.goldToStaging(work, before, after)),
    close: () => engine.close(),
  };
}

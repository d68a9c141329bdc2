import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { duckdbEngine } from '../../src/engines/duckdb/engine.ts';
import type { Engine, Renumber } from '../../src/lake/ports/engine.ts';
import type { Store } from '../../src/lake/ports/store.ts';
import { initialRunState, type RunState, type Step } from '../../src/state-machine/run-state.ts';
import { bronzeToSilverStep } from '../../src/state-machine/steps/bronze-to-silver.ts';
import { commitStep } from '../../src/state-machine/steps/commit.ts';
import { duckdbPersonSearch } from '../../src/engines/duckdb/read/person-search.ts';
import type { StepDeps } from '../../src/state-machine/steps/deps.ts';
import { planStep } from '../../src/state-machine/steps/plan.ts';
import { silverToGoldStep } from '../../src/state-machine/steps/silver-to-gold.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import type { OracleInput, OracleObject, OracleRate } from '../oracle/index.ts';
import { seedRegistry } from './registry.ts';

type Changed = Partial<Pick<OracleInput, 'rates' | 'sources' | 'firstCustomerId'>>;

/**
 * A lake in a temporary folder with the real store and engine, and no serving table. Disposing it
 * removes the folder.
 */
export type ProductLake = AsyncDisposable & {
  readonly store: Store;
  readonly scratch: string;
  /**
   * Sets bronze to exactly these objects and runs every step up to the commit, with other rates,
   * sources or first integer of keys from then on if they are passed. With `renumber` everything is
   * built again, and keys get other integers.
   */
  run(objects: OracleObject[], changed?: Changed, renumber?: Renumber): Promise<void>;
};

/** Plan reads the serving table only if the lake itself leaves nothing to do. */
const NO_TABLE = new Error('these lakes have no serving table');

export const oneEngine = duckdbEngine({ memoryLimit: '500MB', threads: 1 });
/** Small files are read as large ones are, two at a time. */
export const streamingEngine = duckdbEngine({ memoryLimit: '1000MB', threads: 2, streamFrom: 0 });

const ratesCsv = (rates: OracleRate[]): string =>
  ['currency,rate_date,rate_aud', ...rates.map((row) => Object.values(row).join(','))].join('\n');

/** Opens an empty lake with the input's rules and rates, and with its registry of customer keys. */
export async function productLake(
  input: OracleInput,
  engine: Engine = oneEngine,
): Promise<ProductLake> {
  const root = await mkdtemp(join(tmpdir(), 'properties-'));
  const lake = join(root, 'lake');
  const rates = join(root, 'rates.csv');
  const scratch = join(root, 'scratch');
  await mkdir(join(lake, 'bronze'), { recursive: true });
  await mkdir(scratch);
  await writeFile(rates, ratesCsv(input.rates));
  const { timeZone, firstCustomerId, maxAgeDays, sources } = input;
  const { maxQuarantinedShare, maxInflation } = input;
  const limits = { maxQuarantinedShare, maxInflation };
  let ids = 0;
  const deps: StepDeps = {
    store: folderStore(lake),
    engine,
    personSearch: duckdbPersonSearch({ memoryLimit: '500MB' }),
    warehouse: () => Promise.reject(NO_TABLE),
    settings: { timeZone, firstCustomerId, maxAgeDays, limits, sources },
    rates: { configured: { kind: 'file', path: rates }, packaged: '', maxAgeDays },
    scratch,
    clusterBytes: 2 ** 40,
    newId: () => `id${++ids}`,
    now: () => new Date('2026-04-10T00:00:00Z'),
  };
  if (input.registry.size > 0) await seedRegistry(deps.store, scratch, input.registry);
  let held: OracleObject[] = [];
  return {
    store: deps.store,
    scratch,
    async run(objects, changed = {}, renumber) {
      if (changed.rates !== undefined) await writeFile(rates, ratesCsv(changed.rates));
      const { rates: _, ...settingsNow } = changed;
      deps.settings = { ...deps.settings, ...settingsNow };
      const kept = new Set(objects.map(({ key }) => key));
      for (const { key } of held)
        if (!kept.has(key)) await rm(join(lake, 'bronze', key), { force: true });
      for (const object of objects)
        if (!held.includes(object)) await writeObject(join(lake, 'bronze', object.key), object);
      held = objects;
      await runSteps(
        renumber === undefined ? deps : { ...deps, remakeAll: true, renumberKeys: renumber },
        `run${++ids}`,
      );
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

async function writeObject(path: string, { bytes, modified }: OracleObject): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await utimes(path, modified, modified);
}

async function runSteps(deps: StepDeps, runId: string): Promise<void> {
  const { signal } = new AbortController();
  const go = (step: Step, state: RunState, stateName: string): Promise<RunState> =>
    step(state, { signal, stateName });
  const planned = await go(planStep(deps), initialRunState(runId, 'test'), 'Plan').catch(
    (error: unknown) => {
      if (error === NO_TABLE) return undefined;
      throw error;
    },
  );
  if (planned?.work !== 'lake') return;
  const read = await go(bronzeToSilverStep(deps), planned, 'BronzeToSilver');
  const gold = await go(silverToGoldStep(deps), read, 'SilverToGold');
  await go(commitStep(deps), gold, 'Commit');
}

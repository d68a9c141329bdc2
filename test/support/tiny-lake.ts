import { PGlite } from '@electric-sql/pglite';
import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load.ts';
import { duckdbCustomerIndex } from '../../src/engines/duckdb/read/customer-index.ts';
import { duckdbDiff } from '../../src/engines/duckdb/read/diff.ts';
import { duckdbEngine } from '../../src/engines/duckdb/engine.ts';
import { runKey } from '../../src/lake/layout.ts';
import { removeRunDocuments } from '../../src/lake/run/run-documents.ts';
import type { CustomerIndex } from '../../src/lake/ports/customer-index.ts';
import type { Diff } from '../../src/lake/ports/diff.ts';
import type { Workspace } from '../../src/lake/ports/engine.ts';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import { runLocally } from '../../src/state-machine/local-host.ts';
import { initialRunState, type RunState } from '../../src/state-machine/run-state.ts';
import type { StepDeps } from '../../src/state-machine/steps/deps.ts';
import { createSteps } from '../../src/state-machine/steps/index.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { pgliteWarehouse } from '../../src/warehouses/pglite/warehouse.ts';

const DUCKDB = { memoryLimit: '500MB', threads: 1 };
const MINUTE = 60_000;

/**
 * A real lake in a temporary folder, and an in-memory database that outlives it, so that the tests
 * of a file share one.
 */
export type TinyLake = AsyncDisposable & {
  root: string;
  deps: StepDeps;
  diff: Diff;
  customerIndex: CustomerIndex;
  workspace: Workspace;
  /** Milliseconds since 1970; each run is a minute later. */
  clock: { now: number };
  /** Writes bronze objects, `undefined` removes one, a minute later than before. */
  put(objects: Record<string, string | undefined>): Promise<void>;
  /** The same, and runs the state machine. */
  run(objects?: Record<string, string | undefined>, deps?: Partial<StepDeps>): Promise<RunState>;
};

/** A CSV of the canonical columns from rows like `1,Ada,p1,2026-01-05,10.00`. */
export const csv = (...rows: string[]): string =>
  ['customer_id,first_name,purchase_id,purchase_date,amount,currency', ...rows]
    .map((row, index) => (index === 0 ? row : `${row},AUD`))
    .join('\n');

/** An empty in-memory database with the serving tables; `db` is for access outside the pipeline. */
export async function memoryWarehouse(): Promise<{ db: PGlite; warehouse: Warehouse }> {
  const db = await PGlite.create();
  const warehouse = pgliteWarehouse(db, 'pglite in memory');
  await warehouse.migrate();
  return { db, warehouse };
}

/** Resets the database. */
export const emptied = (db: PGlite): Promise<unknown> =>
  db.exec(
    'DELETE FROM customer_purchase_summary; DELETE FROM customer_purchase_summary_staging; UPDATE customer_purchase_sync_state SET lake = NULL, seq = NULL, commit = NULL',
  );

/** A new lake, or a copy of another one's folder. */
export async function tinyLake(warehouse: Warehouse, of?: TinyLake): Promise<TinyLake> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-lake-'));
  const root = join(folder, 'lake');
  const scratch = join(folder, 'scratch');
  await mkdir(join(root, 'bronze'), { recursive: true });
  if (of !== undefined) await cp(of.root, root, { recursive: true, preserveTimestamps: true });
  await mkdir(scratch);
  const clock = { now: of?.clock.now ?? Date.parse('2026-04-10T00:00:00Z') };
  let ids = 0;
  const deps: StepDeps = {
    store: folderStore(root),
    engine: duckdbEngine(DUCKDB),
    warehouse: async () => warehouse,
    settings: {
      timeZone: 'Australia/Sydney',
      firstCustomerId: 1_000_000_001,
      maxAgeDays: 7,
      limits: { maxQuarantinedShare: 1, maxInflation: 200 },
      sources: (await loadConfig({ cwd: folder, env: {}, flags: {} })).sources,
    },
    rates: { packaged: fileURLToPath(new URL('../../data', import.meta.url)), maxAgeDays: 7 },
    scratch,
    clusterBytes: 2 ** 40,
    newId: () => `id${++ids}`,
    now: () => new Date(clock.now),
  };
  const put: TinyLake['put'] = async (objects) => {
    clock.now += MINUTE;
    for (const [key, text] of Object.entries(objects))
      await writeObject(join(root, 'bronze', key), text, clock.now);
  };
  return {
    root,
    deps,
    clock,
    diff: duckdbDiff(DUCKDB),
    customerIndex: duckdbCustomerIndex(DUCKDB),
    workspace: {
      store: deps.store,
      scratch,
      signal: new AbortController().signal,
      onProgress: () => {},
    },
    put,
    async run(objects = {}, other = {}) {
      await put(objects);
      const runId = `run${++ids}`;
      const { output } = await runLocally({
        steps: createSteps({ ...deps, ...other }),
        input: initialRunState(runId, 'test'),
        signal: new AbortController().signal,
        onEvent: () => {},
        now: () => clock.now,
        retryMs: 1,
      });
      await deps.store.put(runKey(runId, 'run'), Buffer.from('{}\n'));
      await removeRunDocuments(deps.store, runId);
      return output;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeObject(path: string, text: string | undefined, now: number): Promise<void> {
  if (text === undefined) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await utimes(path, now / 1000, now / 1000);
}

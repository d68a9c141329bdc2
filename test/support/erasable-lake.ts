import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { viewsOfNewest } from '../../src/catalog/views.ts';
import { duckdbCustomerIndex } from '../../src/engines/duckdb/read/customer-index.ts';
import { duckdbDiff } from '../../src/engines/duckdb/read/diff.ts';
import { duckdbEngine } from '../../src/engines/duckdb/engine.ts';
import { customerFacts } from '../../src/engines/duckdb/read/explain.ts';
import { duckdbPersonSearch } from '../../src/engines/duckdb/read/person-search.ts';
import { openReadOnly } from '../../src/engines/duckdb/read/query.ts';
import type { EraseLake } from '../../src/lake/erase/erase-lake.ts';
import type { Finding } from '../../src/lake/audit/findings.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { ObjectRecord } from '../../src/lake/ledger/records.ts';
import { verify } from '../../src/lake/audit/verify.ts';
import { runLocally } from '../../src/state-machine/local-host.ts';
import { initialRunState, type RunState } from '../../src/state-machine/run-state.ts';
import type { StepDeps } from '../../src/state-machine/steps/deps.ts';
import { createSteps } from '../../src/state-machine/steps/index.ts';
import { upToCommit } from '../../src/state-machine/up-to-commit.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { seedRegistry } from '../properties/registry.ts';
import type { OracleInput, OracleObject } from '../oracle/index.ts';
import type { memoryWarehouse } from './tiny-lake.ts';

type Table = Awaited<ReturnType<typeof memoryWarehouse>>;
type Row = Record<string, string | null>;
export type Served = { gold: Row[]; table: Row[] };

/** A lake in a temporary folder with a serving table in memory, from which customers are erased. */
export type ErasableLake = AsyncDisposable & {
  root: string;
  deps: StepDeps;
  /** Writes bronze objects; `undefined` content removes one. */
  put(
    objects: readonly (Omit<OracleObject, 'bytes'> & { bytes: Uint8Array | undefined })[],
  ): Promise<void>;
  run(): Promise<RunState>;
  erase: EraseLake;
  /** Rows of a select over the lake's views. */
  rows(sql: string): Promise<Row[]>;
  served(): Promise<Served>;
  objects(): Promise<Map<string, ObjectRecord>>;
  verify(): Promise<Finding[]>;
};

const DUCKDB = { memoryLimit: '500MB', threads: 1 };

export async function erasableLake(
  input: OracleInput,
  { db, warehouse }: Table,
): Promise<ErasableLake> {
  const folder = await mkdtemp(join(tmpdir(), 'erasable-'));
  const root = join(folder, 'lake');
  const scratch = join(folder, 'scratch');
  await mkdir(join(root, 'bronze'), { recursive: true });
  await mkdir(scratch);
  const rates = join(folder, 'rates.csv');
  await writeFile(
    rates,
    ['currency,rate_date,rate_aud', ...input.rates.map((row) => Object.values(row).join(','))].join(
      '\n',
    ),
  );
  const { timeZone, firstCustomerId, maxAgeDays, sources, maxQuarantinedShare, maxInflation } =
    input;
  let ids = 0;
  const deps: StepDeps = {
    store: folderStore(root),
    engine: duckdbEngine(DUCKDB),
    personSearch: duckdbPersonSearch(DUCKDB),
    warehouse: async () => warehouse,
    settings: {
      timeZone,
      firstCustomerId,
      maxAgeDays,
      sources,
      limits: { maxQuarantinedShare, maxInflation },
    },
    rates: { configured: { kind: 'file', path: rates }, packaged: '', maxAgeDays },
    scratch,
    clusterBytes: 2 ** 40,
    newId: () => `id${++ids}`,
    now: () => new Date('2026-04-10T00:00:00Z'),
  };
  if (input.registry.size > 0) await seedRegistry(deps.store, scratch, input.registry);
  const { signal } = new AbortController();
  const work = { store: deps.store, scratch, signal, onProgress: () => {} };
  const rows = async (sql: string): Promise<Row[]> => {
    const views = await mkdtemp(join(scratch, 'views-'));
    const opened = {
      ...(await viewsOfNewest(deps.store, views)),
      scratch: views,
      memoryLimit: '500MB',
      signal,
    };
    await using reader = await openReadOnly(opened);
    const found: Row[] = [];
    for await (const { columns, rows: batch } of reader.stream(sql))
      for (const row of batch)
        found.push(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
    return found;
  };
  return {
    root,
    deps,
    rows,
    erase: {
      ...deps,
      customerIndex: duckdbCustomerIndex(DUCKDB),
      diff: duckdbDiff(DUCKDB),
      workspace: work,
      personSearch: duckdbPersonSearch(DUCKDB),
      facts: (question) => customerFacts(work, question, '500MB'),
      upToCommit: async (remake = []) =>
        void (await upToCommit({ ...deps, remake: new Set(remake) }, deps.newId(), signal)),
      newKey: () => 'ab'.repeat(32),
    },
    async put(objects) {
      for (const { key, bytes, modified } of objects) {
        const path = join(root, 'bronze', key);
        if (bytes === undefined) {
          await rm(path, { force: true });
          continue;
        }
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes);
        await utimes(path, modified, modified);
      }
    },
    async run() {
      const { output } = await runLocally({
        steps: createSteps(deps),
        input: initialRunState(deps.newId(), 'test'),
        signal,
        onEvent: () => {},
        now: () => Date.parse('2026-04-10T00:00:00Z'),
        retryMs: 1,
      });
      return output;
    },
    async served() {
      const table = await db.query<Row>(
        'select customer_id::text, full_name, email, total_spent_aud::text, first_purchase_date::text, last_purchase_date::text from customer_purchase_summary order by customer_id',
      );
      return { gold: await rows('select * from gold order by customer_id'), table: table.rows };
    },
    objects: async () => (await readLedger(deps.store)).objects,
    async verify() {
      const rebuildFolder = await mkdtemp(join(folder, 'rebuild-'));
      const { findings } = await verify({
        workspace: work,
        engine: deps.engine,
        diff: duckdbDiff(DUCKDB),
        settings: deps.settings,
        rates: deps.rates,
        rebuildStore: folderStore(rebuildFolder),
        warehouse: deps.warehouse,
        limit: 10,
      });
      await rm(rebuildFolder, { recursive: true });
      return findings;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

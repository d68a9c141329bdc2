import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  csv,
  emptied,
  memoryWarehouse,
  tinyLake,
  type TinyLake,
} from '../../../test/support/tiny-lake.ts';
import { mustBeIntact } from '../ledger/integrity.ts';
import { changesPrefix, runKey } from '../layout.ts';
import { readCommits, readLedger } from '../ledger/ledger.ts';
import type { SyncState } from '../ports/warehouse.ts';
import { vacuum, type Vacuumed } from './vacuum.ts';

const DAY = 86_400_000;
const LAYERS = ['_ledger/', '_runs/', 'bronze/', 'gold/', 'quarantine/', 'silver/'];

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
let whole: TinyLake;
let lake: TinyLake;

beforeAll(async () => {
  opened = await memoryWarehouse();
  await emptied(opened.db);
  whole = await tinyLake(opened.warehouse);
  await whole.run({ '2026-01-01/a.csv': csv('1,Ada,p1,2026-01-01,10', 'x,Eve,p0,2026-01-01,1') });
  await whole.run({ '2026-01-02/b.csv': csv('2,Bob,p2,2026-01-02,20') });
  await whole.run({ '2026-01-02/b.csv': csv('2,Bob,p2,2026-01-02,21') });
  await whole.run({ '2026-01-03/c.csv': csv('3,Cyd,p3,2026-01-03,30') });
});
afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  await opened.warehouse.close();
});
beforeEach(async () => {
  lake = await tinyLake(opened.warehouse, whole);
  return () => lake[Symbol.asyncDispose]();
});

/** Runs vacuum two days after the files were written, unless `later` is given. */
async function vacuumed(
  other: { keep?: number; dryRun?: boolean; later?: number; sync?: SyncState } = {},
): Promise<Vacuumed> {
  const { keep = 35, dryRun = false, later = 2 * DAY, sync } = other;
  const now = new Date(Date.now() + later);
  return vacuum(lake.deps.store, { keep, dryRun, now, sync, signal: lake.workspace.signal });
}

async function keys(...prefixes: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const prefix of prefixes)
    for await (const { key } of lake.deps.store.list(prefix)) found.push(key);
  return found;
}

const short = ({ removed }: Vacuumed): string[] =>
  removed.map(({ key }) => key.replace(/-id\d+|-?[0-9a-f]{8,}/g, ''));

test('removes older versions of a day and unreferenced silver, and keeps the last version of each day', async () => {
  const before = await keys(...LAYERS);
  const result = await vacuumed();
  expect(result.days).toEqual(['2026-01-01', '2026-01-02', '2026-01-03']);
  expect(short(result)).toEqual([
    'gold/year=2026/month=01/day=02/version=2/part-00000.parquet',
    'silver/ingestion_date=2026-01-02/.parquet',
  ]);
  const removed = new Set(result.removed.map(({ key }) => key));
  expect(await keys(...LAYERS)).toEqual(before.filter((key) => !removed.has(key)));
  const { files, gold } = await readLedger(lake.deps.store);
  await mustBeIntact(lake.workspace, [...files.values(), ...(gold?.files ?? [])]);
});

test('a second run, or a run after a kill, removes the remaining files', async () => {
  const planned = await vacuumed({ dryRun: true });
  await lake.deps.store.remove(planned.removed[0]?.key ?? '');
  expect((await vacuumed()).removed).toEqual(planned.removed.slice(1));
  expect((await vacuumed()).removed).toEqual([]);
});

test('a dry run removes nothing', async () => {
  const before = await keys(...LAYERS);
  expect((await vacuumed({ dryRun: true })).removed).toHaveLength(2);
  expect(await keys(...LAYERS)).toEqual(before);
});

test('files younger than a day are kept: they may belong to a run in progress', async () => {
  expect((await vacuumed({ later: DAY - 60_000, keep: 1 })).removed).toEqual([]);
});

test.each([
  [2, ['2026-01-02', '2026-01-03'], ['day=01/version=1', 'day=02/version=2']],
  [1, ['2026-01-03'], ['day=01/version=1', 'day=02/version=2', 'day=02/version=3']],
  [0, [], ['day=01/version=1', 'day=02/version=2', 'day=02/version=3']],
])('gold of %i days is kept, and always that of the newest commit', async (keep, days, gone) => {
  const result = await vacuumed({ keep });
  expect(result.days).toEqual(days);
  expect(short(result).filter((key) => key.startsWith('gold/'))).toEqual(
    gone.map((part) => expect.stringContaining(part)),
  );
});

test("gold of the serving table's seq is kept, so that its next load is a difference", async () => {
  const { lake: name } = await readLedger(lake.deps.store);
  const sync = { lake: name ?? '', seq: 2, commit: '' };
  const gone = short(await vacuumed({ keep: 1, sync })).filter((key) => key.startsWith('gold/'));
  expect(gone).toEqual([
    expect.stringContaining('day=01/version=1'),
    expect.stringContaining('day=02/version=3'),
  ]);
});

test('files and documents of a killed run are removed, its run document and every commit stay', async () => {
  const { store } = lake.deps;
  const orphans = [
    '_ledger/customer-keys/000000000009-idx.parquet',
    'gold/year=2026/month=01/day=09/version=9-idx/part-00000.parquet',
    'quarantine/ingestion_date=2026-01-09/0.parquet',
    'silver/ingestion_date=2026-01-09/0.parquet',
    ...['plan', 'made', 'gold', 'load', 'upsert'].map((name) => runKey('killed', name)),
    `${changesPrefix('killed')}fresh.parquet`,
    '_runs/killed/rates-0123456789abcdef.csv.gz',
  ];
  for (const key of [...orphans, runKey('killed', 'run')]) await store.put(key, Buffer.from('{}'));
  const commits = await keys('_ledger/commits/');
  const removed = (await vacuumed()).removed.map(({ key }) => key);
  expect(removed).toEqual(expect.arrayContaining(orphans));
  expect(await keys('_ledger/commits/')).toEqual(commits);
  expect(await store.head(runKey('killed', 'run'))).toBeDefined();
});

test('a file that a run has just rewritten stays, even if it was old when it was listed', async () => {
  const orphan = join(lake.root, 'silver/ingestion_date=2026-01-01/0.parquet');
  await writeFile(orphan, 'x');
  await utimes(orphan, 1, 1);
  const { store } = lake.deps;
  const remade = {
    ...store,
    head: async (key: string) => {
      if (key.endsWith('/0.parquet')) await writeFile(orphan, 'made again');
      return store.head(key);
    },
  };
  const now = new Date(Date.now() + 2 * DAY);
  await vacuum(remade, {
    keep: 35,
    dryRun: false,
    now,
    sync: undefined,
    signal: lake.workspace.signal,
  });
  expect(await readFile(orphan, 'utf8')).toBe('made again');
});

test('a file that was just rewritten with the same bytes stays, though its etag in S3 is the same', async () => {
  const orphan = join(lake.root, 'silver/ingestion_date=2026-01-01/0.parquet');
  await writeFile(orphan, 'x');
  await utimes(orphan, 1, 1);
  const { store } = lake.deps;
  const asInS3 = {
    ...store,
    list: async function* (prefix: string) {
      for await (const info of store.list(prefix)) yield { ...info, etag: 'of the bytes' };
    },
    head: async (key: string) => {
      if (key.endsWith('/0.parquet')) await writeFile(orphan, 'x');
      const info = await store.head(key);
      return info && { ...info, etag: 'of the bytes' };
    },
  };
  const now = new Date(Date.now() + 2 * DAY);
  await vacuum(asInS3, {
    keep: 35,
    dryRun: false,
    now,
    sync: undefined,
    signal: lake.workspace.signal,
  });
  expect(await readFile(orphan, 'utf8')).toBe('x');
});

test('runs continue after a vacuum that kept only the newest gold', async () => {
  await vacuumed({ keep: 0 });
  await emptied(opened.db);
  await lake.run({ '2026-01-04/d.csv': csv('4,Dan,p4,2026-01-04,40') });
  const totals = [];
  for await (const { commit } of readCommits(lake.deps.store)) totals.push(commit.gold?.total);
  expect(totals.slice(-2)).toEqual(['61.00', '101.00']);
});

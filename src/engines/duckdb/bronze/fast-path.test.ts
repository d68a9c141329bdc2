import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { BronzeResult, BronzeToSilverInput, Workspace } from '../../../lake/ports/engine.ts';
import { type FastPath, fastPathOf } from '../../../medallion/fast-path.ts';
import type { Source } from '../../../medallion/source.ts';
import { fastPathLine, fastPathSource, HEADER } from '../../../../test/support/fast-path-lines.ts';
import { folderStore } from '../../../stores/filesystem/filesystem.ts';
import { parquet } from '../files.ts';
import { bronzeToSilver } from './bronze-to-silver.ts';
import type { BatchContext } from './rows.ts';
import { loadTable } from '../relation.ts';
import { openSession } from '../session.ts';
import { writeBatch } from '../silver/write-batch.ts';
import { openWorkers } from '../workers.ts';

const source: Source = { ...fastPathSource, format: { ...fastPathSource.format, delimiter: ';' } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fast-path-'));
  await writeFile(
    join(folder, 'rates.csv'),
    'currency,rate_date,rate_aud\nUSD,2026-01-02,1.500000000000\nEUR,2026-01-05,1.654321987654\nUSD,2024-02-28,1.234567891234\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ROWS = 4_000;

/** Counts of the objects, then the sorted rows of each silver and quarantine file. */
async function layersOf(files: Record<string, string>, streamFrom: number): Promise<string[]> {
  const { workspace, result } = await readBronze(files, streamFrom);
  return contentOf(workspace, result);
}

/** `fastPaths`: whether each batch has a fast path, which it takes if it is streamed. */
async function readBronze(
  files: Record<string, string>,
  streamFrom: number,
): Promise<{ workspace: Workspace; result: BronzeResult; fastPaths: boolean[] }> {
  const lake = join(folder, `lake-${streamFrom}`);
  const store = folderStore(lake);
  const objects = await Promise.all(
    Object.entries(files).map(async ([key, text]) => {
      const path = join(lake, 'bronze', key);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      await utimes(path, 1_700_000_000, 1_700_000_000);
      const head = await store.head(`bronze/${key}`);
      return {
        key,
        size: Buffer.byteLength(text),
        etag: head?.etag ?? '',
        modified: head?.modified ?? 0,
        ingestionDate: '2026-04-10',
        source,
        rules: 'rules',
      };
    }),
  );
  const scratch = join(lake, '_scratch');
  const workspace: Workspace = {
    store,
    scratch,
    signal: new AbortController().signal,
    onProgress() {},
  };
  await mkdir(scratch, { recursive: true });
  const options = { memoryLimit: '300MB', threads: 1 };
  await using workers = await openWorkers(options, workspace, objects.length);
  const fastPaths: boolean[] = [];
  const use: BatchContext['use'] = (step, batch) => {
    fastPaths.push(batch.fastPath !== undefined);
    return writeBatch(step, batch);
  };
  const task: BronzeToSilverInput = {
    objects,
    rates: { path: join(folder, 'rates.csv'), digest: 'rates', maxAgeDays: 7 },
    timeZone: 'Australia/Sydney',
    limits: { maxQuarantinedShare: 1, maxInflation: 100 },
  };
  const named = { name: 'fast path', use };
  const result = await bronzeToSilver(workers, named, workspace, task, streamFrom);
  return { workspace, result, fastPaths };
}

async function contentOf(
  workspace: Workspace,
  { objects, files }: BronzeResult,
): Promise<string[]> {
  await using session = await openSession({ memoryLimit: '300MB', ...workspace });
  const lines = objects.map(({ rows, reasons, repairs }) =>
    JSON.stringify({ rows, reasons, repairs }),
  );
  for (const { key, rows } of files) {
    const path = await workspace.store.local(key, workspace.scratch);
    const cells = await session.rows(
      `select * from ${parquet(session, [path])} order by object_key, row_number`,
    );
    lines.push(`${key.split('/')[0]} ${rows}`, ...cells.map((row) => JSON.stringify(row)));
  }
  return lines;
}

test('the fast path returns the same rows as all rules', async () => {
  const lines = fc.sample(fastPathLine(HEADER, ';'), { numRuns: ROWS, seed: 20260410 });
  const text = [HEADER.join(';'), ...lines].join('\n');
  const files = { 'a.csv': text };
  const streamed = await readBronze(files, 0);
  expect(streamed.fastPaths).toEqual([true]);
  expect(await contentOf(streamed.workspace, streamed.result)).toEqual(await layersOf(files, ROWS));
  const layout = {
    delimiter: ';',
    columns: HEADER.length,
    positions: new Map(HEADER.map((name, position) => [name, position])),
  };
  const fastPath = fastPathOf(source, layout, ['AUD', 'EUR', 'USD']) as FastPath;
  await using session = await openSession({
    memoryLimit: '300MB',
    scratch: folder,
    signal: new AbortController().signal,
  });
  const table = await loadTable(
    session,
    'lines',
    { raw: 'varchar' },
    lines.map((raw) => ({ raw })),
  );
  const [counted] = await session.rows(
    `select count(*) as n from ${table} where regexp_like(raw, '${fastPath.pattern}')`,
  );
  expect(Number(counted?.['n'])).toBeGreaterThan(ROWS / 20);
  expect(Number(counted?.['n'])).toBeLessThan(ROWS / 2);
});

/** Lines from cells `id;customer;day;amount;currency`, of which all but the first are optional. */
const purchases = (...cells: string[]): string =>
  [
    HEADER.join(';'),
    ...cells.map((text) => {
      const [id = '', customer = '5', day = '2026-01-05', amount = '10', currency = 'AUD'] =
        text.split(';');
      const given: Readonly<Record<string, string>> = {
        customer_id: customer,
        first_name: 'Ann',
        last_name: 'Smith',
        email: 'a@b.co',
        purchase_id: id,
        purchase_date: day,
        amount,
        currency,
        note: 'note',
      };
      return HEADER.map((column) => given[column] ?? '').join(';');
    }),
  ].join('\n');

const UNUSUAL = ['P2;guest', 'P3;5;2023-02-29', 'P4;5;2026-01-05;1;XYZ', 'P5;5;5/1/2026'];
const FAST_PATH = ['P2;5;2026-04-12', 'P3;5;2019-01-05;1;USD'];
const BOTH = ['P2;guest', 'P3;5;2026-04-12', 'P4; 5', 'P5;5;2024-02-29;1;USD'];

test.each([
  ['other lines', { 'a.csv': purchases('P1', ...UNUSUAL) }],
  ['fast path lines', { 'a.csv': purchases('P1', ...FAST_PATH) }],
  ['lines of both kinds', { 'a.csv': purchases('P1', ...BOTH) }],
  ['no lines', { 'a.csv': purchases('P1', 'P2;6', 'P3; 7') }],
  ['all lines', { 'a.csv': purchases(...FAST_PATH, ...UNUSUAL) }],
  [
    'lines of several objects',
    {
      'a.csv': purchases('P1', ...BOTH, 'P6'),
      'b.csv': purchases(...UNUSUAL, 'P1'),
      'c.csv': purchases('P1', 'P2', ...FAST_PATH),
    },
  ],
  [
    'lines under a header of two lines',
    { 'a.csv': purchases('P1', ...BOTH).replace(';note\n', ';"no\nte"\n') },
  ],
  ['lines under a blank line and a header', { 'a.csv': `\n${purchases('P1', ...BOTH)}` }],
  ['lines of an object with an odd name', { 'it\'s/é "7".csv': purchases('P1', ...BOTH) }],
] satisfies [string, Record<string, string>][])(
  'streamed and materialised batches are equal where the rejected rows are %s',
  async (what, files) => {
    const { workspace, result, fastPaths } = await readBronze(files, 0);
    // Text before the header's end of line is read by the tokeniser, which has no fast path.
    expect(fastPaths).toEqual([!what.startsWith('lines under')]);
    expect(await contentOf(workspace, result)).toEqual(await layersOf(files, ROWS));
  },
);

test('writes the same bytes for the same objects', async () => {
  const files = { 'a.csv': purchases('P1', ...BOTH), 'b.csv': purchases('P1', ...UNUSUAL, 'P6') };
  const { result } = await readBronze(files, 0);
  const { result: again } = await readBronze(files, 0);
  expect(again.files).toEqual(result.files);
  expect(result.files).toHaveLength(2);
});

test('a source that does more than read columns has no fast path', () => {
  const layout = {
    delimiter: ',',
    columns: 2,
    positions: new Map([
      ['a', 0],
      ['b', 1],
    ]),
  };
  const reads = (fields: Source['fields'], more: Partial<Source> = {}): unknown =>
    fastPathOf({ ...source, fields, ...more }, layout, ['AUD']);
  const column = (name: string) => ({ kind: 'column', column: name }) as const;
  expect(reads({ customer_id: column('a'), purchase_id: column('b') })).toBeDefined();
  expect(reads({ customer_id: column('a'), email: column('absent') })).toBeDefined();
  expect(reads({ customer_id: column('a'), purchase_id: column('a') })).toBeUndefined();
  expect(reads({ customer_id: column('a'), purchase_date: column('absent') })).toBeUndefined();
  expect(reads({ currency: column('absent') }, { defaultCurrency: 'AUD' })).toBeDefined();
  expect(reads({ currency: column('absent') }, { defaultCurrency: 'XYZ' })).toBeUndefined();
  expect(reads({ customer_key: column('a') })).toBeUndefined();
  expect(reads({ operation: column('a') })).toBeUndefined();
  expect(reads({ email: { kind: 'coalesce', columns: ['a', 'b'] } })).toBeUndefined();
  expect(reads({ customer_id: column('a') }, { rows: 'lines' })).toBeUndefined();
  expect(
    reads({ customer_id: column('a') }, { format: { decimal: ',', thousands: '' } }),
  ).toBeUndefined();
});

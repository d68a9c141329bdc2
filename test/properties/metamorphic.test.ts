import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { OracleObject } from '../oracle/index.ts';
import * as values from '../oracle/random-values.ts';
import { type WrittenRow, writeCsv, writeJson } from '../oracle/write-objects.ts';
import { NOON, plainLake } from './plain-lake.ts';
import { productLake } from './product.ts';
import { openViews } from '../support/lake-views.ts';

const POOLS = {
  customer_id: values.customerIds,
  first_name: values.names,
  last_name: values.names,
  email: values.emails,
  purchase_id: values.purchaseIds,
  purchase_date: values.dates([]),
  amount: values.amounts({ decimal: '.', thousands: '' }),
  currency: values.currencies,
  updated_at: values.updates.mixed,
  status: values.statuses,
};
const HEADER = Object.keys(POOLS);
const SOURCE = {
  fields: { updated_at: 'updated_at', operation: 'status' },
  deletes: ['cancelled', 'voided'],
};

const row: fc.Arbitrary<WrittenRow> = fc
  .tuple(...Object.values(POOLS))
  .map((texts) => ({ values: texts, bare: false, spoil: 'none' }));

const rowsOf = (seed: number, count: number): WrittenRow[] =>
  fc.sample(fc.noBias(row), { seed, numRuns: count });

const object = (key: string, text: string | Uint8Array): OracleObject => ({
  key,
  modified: NOON,
  bytes: Buffer.from(text),
});

const LF = {
  delimiter: ',',
  newline: '\n',
  quoteAll: false,
  lastNewline: true,
  leadingBlank: false,
};
const csv = (rows: WrittenRow[], style: Partial<typeof LF> = {}): string =>
  writeCsv(HEADER, rows, { ...LF, ...style });
const LINES = { shape: 'lines' as const, newline: '\n', spaced: false, leaveOutBlank: false };

const turned = <T>(list: readonly T[]): T[] => [...list.slice(3), ...list.slice(0, 3)];
const bare = (rows: WrittenRow[]): WrittenRow[] => rows.map((one) => ({ ...one, bare: true }));
const padded = (index: number): string => String(index).padStart(3, '0');

function pieces(rows: WrittenRow[], size: number): WrittenRow[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
}

/** The same rows in the same order of arrival, written in other ways. */
const WAYS: Record<string, (rows: WrittenRow[]) => OracleObject[]> = {
  'one file': (rows) => [object('2026-04-03/a.csv', csv(rows))],
  'a file a row': (rows) =>
    rows.map((one, index) => object(`2026-04-03/${padded(index)}.csv`, csv([one]))),
  'files of seven rows in turning formats': (rows) =>
    pieces(rows, 7).map((piece, index) =>
      index % 3 === 0
        ? object(`2026-04-03/${padded(index)}.csv`, csv(piece))
        : index % 3 === 1
          ? object(`2026-04-03/${padded(index)}.jsonl`, writeJson(HEADER, piece, LINES))
          : object(`2026-04-03/${padded(index)}.csv.gz`, gzipSync(csv(piece))),
    ),
  CRLF: (rows) => [object('2026-04-03/a.csv', csv(rows, { newline: '\r\n' }))],
  CR: (rows) => [object('2026-04-03/a.csv', csv(rows, { newline: '\r' }))],
  'mixed line ends, none at the end': (rows) => [
    object('2026-04-03/a.csv', csv(rows, { newline: 'mixed', lastNewline: false })),
  ],
  'tabs and quotes everywhere': (rows) => [
    object('2026-04-03/a.tsv', csv(rows, { delimiter: '\t', quoteAll: true })),
  ],
  'columns in another order': (rows) => [
    object(
      '2026-04-03/a.csv',
      writeCsv(
        turned(HEADER),
        rows.map((one) => ({ ...one, values: turned(one.values) })),
        LF,
      ),
    ),
  ],
  'headers in other spelling': (rows) => [
    object(
      '2026-04-03/a.csv',
      writeCsv(
        HEADER.map((name) => ` ${name.toUpperCase().replaceAll('_', ' - ')} `),
        rows,
        LF,
      ),
    ),
  ],
  gzip: (rows) => [object('2026-04-03/a.csv.gz', gzipSync(csv(rows)))],
  'UTF-16': (rows) => [object('2026-04-03/a.csv', Buffer.from(`\ufeff${csv(rows)}`, 'utf16le'))],
  'a JSON array': (rows) => [
    object(
      '2026-04-03/a.json',
      writeJson(HEADER, rows, { ...LINES, shape: 'array', spaced: true }),
    ),
  ],
  'JSON lines without blank keys, bare numbers, gzip': (rows) => [
    object(
      '2026-04-03/a.ndjson.gz',
      gzipSync(writeJson(HEADER, bare(rows), { ...LINES, newline: '\r\n', leaveOutBlank: true })),
    ),
  ],
};

/**
 * Silver without the positions of its rows, the rejected rows' reasons, gold's digest, and rows by
 * outcome.
 */
async function meaning(objects: OracleObject[]): Promise<string[]> {
  await using lake = await productLake(plainLake([], SOURCE));
  await lake.run(objects);
  const { gold, objects: records } = await readLedger(lake.store);
  await using session = await openViews(lake);
  const silver = await session.rows(
    'select * exclude (object_key, object_modified, row_number) from silver',
  );
  const rejected = await session.rows('select reasons, purchase_id from quarantine');
  const sum = (name: 'accepted' | 'duplicate' | 'superseded' | 'deleted' | 'quarantined'): string =>
    `${name} ${[...records.values()].reduce((total, { rows }) => total + rows[name], 0)}`;
  return [
    ...silver.map((one) => JSON.stringify(one)).toSorted(),
    ...rejected.map((one) => JSON.stringify(one)).toSorted(),
    `gold ${gold?.customers} ${gold?.total} ${gold?.digest}`,
    sum('accepted'),
    sum('duplicate'),
    sum('superseded'),
    sum('deleted'),
    sum('quarantined'),
  ];
}

describe.each([1, 2])('the same rows (seed %i)', (seed) => {
  const rows = rowsOf(seed, 60);
  const expected = meaning(WAYS['one file']?.(rows) ?? []);

  test.each(Object.keys(WAYS).slice(1))('have the same result when written as %s', async (way) => {
    expect(await meaning(WAYS[way]?.(rows) ?? [])).toEqual(await expected);
  });
});

test('the order of files does not matter if no two rows share a purchase, or a customer and day', async () => {
  const line = (index: number): string =>
    `${index % 5},p${index},2026-03-${String(1 + Math.floor(index / 5)).padStart(2, '0')},${index}.5,AUD,Name ${index}`;
  const files = Array.from(
    { length: 40 },
    (_, index) =>
      `customer_id,purchase_id,purchase_date,amount,currency,first_name\n${line(index)}\n`,
  );
  const named = (order: string[]): OracleObject[] =>
    order.map((text, index) => object(`2026-04-03/${padded(index)}.csv`, text));
  const source = { fields: { last_name: null, email: null } };
  const digest = async (objects: OracleObject[]): Promise<unknown> => {
    await using lake = await productLake(plainLake([], source));
    await lake.run(objects);
    const { gold } = await readLedger(lake.store);
    return [gold?.customers, gold?.total, gold?.digest];
  };
  const expected = await digest(named(files));
  expect(await digest(named(files.toReversed()))).toEqual(expected);
  expect(await digest(named([...files.slice(13), ...files.slice(0, 13)]))).toEqual(expected);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { duckdbDialect } from '../../engines/duckdb/dialect.ts';
import { openSession, type Session } from '../../engines/duckdb/session.ts';
import { cleanedRows, silverCells, validatedRows } from '../bronze-to-silver.ts';
import { fastPathCells, fastPathFields, fastPathRead } from '../fast-path.ts';
import { CLEANED_COLUMNS, names, SILVER_COLUMNS } from '../layers.ts';
import type { RowsContext } from '../rows-context.ts';
import { ROW_REASONS } from '../reasons.ts';
import type { FieldName, Source } from '../source.ts';
import { literal } from '../sql/text.ts';
import { FIELDS, FIELDS_BY_CLEANING } from './fields.ts';

/** A good value of each field of the mapping that has a fast path. */
const GOOD = {
  customer_id: '7',
  first_name: 'Ann',
  last_name: 'Lee',
  full_name: 'Ann Lee',
  email: 'ann@example.org',
  purchase_id: 'P1',
  purchase_date: '2026-01-05',
  amount: '10.5',
  currency: 'AUD',
  updated_at: '3',
} satisfies Partial<Record<FieldName, string>>;
const COLUMNS = Object.keys(GOOD).toSorted() as (keyof typeof GOOD)[];

const source: Source = {
  name: 'shop',
  match: '**',
  rows: 'purchases',
  format: { decimal: '.', thousands: '' },
  dateFormats: [],
  fields: Object.fromEntries(COLUMNS.map((column) => [column, { kind: 'column', column }])),
  deletes: [],
};
const context: RowsContext = {
  source,
  timeZone: 'Australia/Sydney',
  ingestionDate: '2026-04-10',
  present: new Set(COLUMNS),
};

let folder: string;
let session: Session;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fields-'));
  const { signal } = new AbortController();
  session = await openSession({ memoryLimit: '300MB', scratch: folder, signal });
  await session.run(
    'create temp table rates_by_day (currency varchar, rate_day date, rate decimal(18,12), millionths bigint, rest bigint, rate_date date)',
  );
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Opens `rows`, a good row for each value, with the value in the column of the field `name`. */
async function openRows(name: FieldName, values: readonly string[]): Promise<void> {
  const cells = COLUMNS.map(
    (column, at) => `${column === name ? 'value' : literal(GOOD[column])} as s${at}`,
  );
  const list = values.map((value, at) => `(${at}, ${literal(value)})`).join(', ');
  // The row is not a plain one, so that `clean` takes no shortcut.
  await session.run(`create or replace temp table rows as select 'a.csv' as object_key, 0 as object_modified,
'd' as content_sha256, row_number, false as malformed, '"' as raw, value, ${cells.join(', ')}
from (values ${list}) v(row_number, value)`);
}

const textsOf = (columns: readonly string[], cells: Readonly<Record<string, string>>): string =>
  columns.map((column) => `cast(${cells[column] ?? column} as string) as ${column}`).join(', ');

const withPatterns = FIELDS.flatMap(({ fastPath, silver }) =>
  Object.keys(fastPath.patterns).map((name) => ({ name: name as FieldName, silver })),
);

test.each(withPatterns)(
  'clean leaves each $name that matches the fast path as it is',
  async ({ name, silver }) => {
    const field = fastPathFields(source)?.find((fast) => fast.name === name);
    const pattern = field?.cell(',') ?? '';
    const matching = fc.stringMatching(
      new RegExp(`^(?:${pattern.replaceAll('\\x{', '\\u{')})$`, 'u'),
    );
    const values = fc.sample(matching, { numRuns: 2_000, seed: 20260410 });
    await openRows(name, values);
    const [count] = await session.rows(
      `select count(*) as n from rows where regexp_like(value, ${literal(`\\A(?:${pattern})\\z`)})`,
    );
    expect(Number(count?.['n'])).toBe(values.length);

    const short = await session.rows(
      `select row_number, ${textsOf(silver, fastPathCells(source))} from (${fastPathRead(duckdbDialect, context, new Map(COLUMNS.map((column) => [column, column])), 'select * exclude (value) from rows')}) e order by row_number`,
    );
    const cleaned = cleanedRows(duckdbDialect, context, '(select * exclude (value) from rows) r');
    const long = await session.rows(
      `select row_number, ${textsOf(silver, silverCells(source))} from (${cleaned}) c order by row_number`,
    );
    expect(short).toEqual(long);

    const [repaired] = await session.rows(
      `select count(*) as n from (${validatedRows(source, cleaned, [])}) v where repairs <> ''`,
    );
    expect(Number(repaired?.['n'])).toBe(0);
  },
  60_000,
);

test('each field with a fast path has a good value here', () => {
  expect(withPatterns.map(({ name }) => name).toSorted()).toEqual(COLUMNS);
});

describe('the list of fields', () => {
  const written = FIELDS.flatMap(({ silver }) => silver);

  test('produces each cleaned column of silver once, in the order of silver', () => {
    const cleaned = written.filter((column) => column !== 'purchase_id');
    expect(cleaned).toEqual(names(CLEANED_COLUMNS));
    expect(written).toContain('purchase_id');
  });

  test('has the same fields in the order of cleaning', () => {
    expect(new Set(FIELDS_BY_CLEANING)).toEqual(new Set(FIELDS));
    expect(FIELDS_BY_CLEANING).toHaveLength(FIELDS.length);
  });

  test('names presence columns that silver has, and no reason twice', () => {
    const presence = FIELDS.flatMap((field) => Object.keys(field.presence ?? {}));
    expect(names(SILVER_COLUMNS)).toEqual(expect.arrayContaining(presence));
    expect(new Set(ROW_REASONS).size).toBe(ROW_REASONS.length);
  });
});

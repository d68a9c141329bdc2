import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { rowName } from '../../src/lake/erase/also.ts';
import { erase, planErasure } from '../../src/lake/erase/erase.ts';
import type { HandSource } from '../oracle/hand-lake.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';
import { type ErasableLake, erasableLake } from '../support/erasable-lake.ts';
import { memoryTable } from '../support/memory-table.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const table = memoryTable();

type Row = Record<string, unknown>;
const A = '2026-04-03/a.json';
const B = '2026-04-03/b.json';

const rowOf = (customer_id: number | null, purchase_id: string | null, more: Row = {}): Row => ({
  ...(customer_id === null ? {} : { customer_id }),
  ...(purchase_id === null ? {} : { purchase_id }),
  purchase_date: '2026-04-03',
  ...more,
});
const lines = (...rows: Row[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

async function send(lake: ErasableLake, files: Record<string, string>, modified = NOON) {
  await lake.put(
    Object.entries(files).map(([key, text]) => ({ key, modified, bytes: Buffer.from(text) })),
  );
  await lake.run();
}

async function lakeOf(
  files: Record<string, string>,
  source: HandSource = {},
): Promise<ErasableLake> {
  const lake = await erasableLake(plainLake([], source), table);
  await send(lake, files);
  return lake;
}

const customer = (id: number) => ({ kind: 'id', id }) as const;
const bronze = (lake: ErasableLake, key: string): Promise<string> =>
  readFile(join(lake.root, 'bronze', key), 'utf8');
const totals = async (lake: ErasableLake): Promise<string[]> =>
  (await lake.served()).gold.map((row) => `${row['customer_id']} ${row['total_spent_aud']}`);

/**
 * The totals of others are unchanged, also when the same files arrive again; no object is rejected
 * or counts fewer rows.
 */
async function othersStay(lake: ErasableLake, id: number, files: Record<string, string>) {
  const before = (await totals(lake)).filter((total) => !total.startsWith(`${id} `));
  const counts = [...(await lake.objects()).values()].map(({ key, rows }) => [key, rows.read]);
  const lawful = async () => {
    expect(await totals(lake)).toEqual(before);
    const objects = [...(await lake.objects()).values()];
    expect(objects.map(({ refused }) => refused)).toEqual(counts.map(() => undefined));
    expect(objects.map(({ key, rows }) => [key, rows.read])).toEqual(counts);
    expect(await lake.verify()).toEqual([]);
  };
  await erase(lake.erase, customer(id));
  await lawful();
  await send(lake, files);
  await lawful();
}

test.each<[string, HandSource, Row[], Row[]]>([
  [
    'a term that may be blank',
    {
      fields: {
        amount: {
          kind: 'sum',
          terms: [{ column: 'Total' }, { column: 'Shipping' }],
          minus: [],
          blank: 'zero',
        },
      },
    },
    [
      rowOf(5, 'p5', { Total: 9, Shipping: 1, currency: 'AUD' }),
      rowOf(7, 'p7', { Shipping: 3, currency: 'AUD' }),
    ],
    [],
  ],
  [
    'the amount, which a deletion has not',
    { fields: { operation: 'status' }, deletes: ['cancelled'] },
    [rowOf(5, 'p5', { amount: 9, currency: 'AUD' }), { purchase_id: 'p7', status: 'cancelled' }],
    [
      rowOf(7, 'p7', { amount: 4, currency: 'AUD' }),
      rowOf(7, 'p8', { amount: 1, currency: 'AUD' }),
    ],
  ],
  [
    'the currency, instead of which the source’s own would count',
    { defaultCurrency: 'AUD' },
    [rowOf(5, 'p5', { amount: 9, currency: 'AUD' }), rowOf(7, 'p7', { amount: 4 })],
    [rowOf(7, 'p8', { amount: 1, currency: 'AUD' })],
  ],
  [
    'a nested key',
    { fields: { amount: 'price.Total' } },
    [
      rowOf(5, 'p5', { price: { total: 9 }, items: [{ sku: 1 }, { sku: 2 }], currency: 'AUD' }),
      rowOf(7, 'p7', { items: [{ sku: 1 }, { sku: 2 }], currency: 'AUD' }),
    ],
    [rowOf(7, 'p8', { price: { total: 2 }, currency: 'AUD' })],
  ],
])('only the rows that go have %s: the others are read as before', async (_, source, a, b) => {
  const files = { [A]: lines(...a), ...(b.length === 0 ? {} : { [B]: lines(...b) }) };
  await using lake = await lakeOf(files, source);
  await othersStay(lake, 5, files);
  expect(await bronze(lake, A)).not.toContain('p5');
});

test.each([
  ['is malformed', `{"purchase_id":"p7","purchase_id":"p7"}\n`, 2],
  [
    'has too many levels',
    `{"purchase_id":"p7","x":${'['.repeat(90_000)}${']'.repeat(90_000)}}\n`,
    2,
  ],
  ['has a word that is no number', `{"customer_id":7,"purchase_id":"p7","currency":NaN}\n`, 1],
])('the first row that is left %s', async (_, row, carrier) => {
  const left = `${row}${lines(rowOf(7, 'p8', { currency: 'AUD' }))}`;
  const files = {
    [A]: lines(rowOf(5, 'p5', { amount: 9, currency: 'AUD' })) + left,
    [B]: lines(rowOf(7, 'p9', { amount: 2, currency: 'AUD' })),
  };
  await using lake = await lakeOf(files);
  await othersStay(lake, 5, files);
  const carrying = (await bronze(lake, A))
    .split('\n')
    .map((line) => line.startsWith('{"amount":null'));
  expect(carrying.indexOf(true)).toBe(carrier - 1);
});

test('no row carries a key that other rows have, or that no row had', async () => {
  const kept = lines(
    rowOf(7, 'p7', { amount: 2, currency: 'AUD' }),
    rowOf(7, 'p8', { first_name: 'Bo' }),
  );
  const gone = lines(rowOf(5, 'p5', { amount: 9, first_name: 'Ann', Remark: 'x' }));
  await using lake = await lakeOf({ [A]: gone + kept });
  await erase(lake.erase, customer(5));
  expect(await bronze(lake, A)).toBe(kept);
});

test('a copy is still a copy after losing at once what the object lost in two erasures', async () => {
  const source: HandSource = { fields: { purchase_id: null } };
  const file = lines(
    rowOf(5, null, { currency: 'AUD', amount: 9, first_name: 'Ann' }),
    rowOf(6, null, { currency: 'AUD', amount: 8, email: 'six@example.org' }),
    rowOf(7, null, { currency: 'AUD', last_name: 'B' }),
    rowOf(8, null, { currency: 'AUD', amount: 1 }),
  );
  await using lake = await lakeOf({ [A]: file }, source);
  await erase(lake.erase, customer(6));
  await erase(lake.erase, customer(5));
  await send(lake, { [B]: file });
  expect(await bronze(lake, B)).toBe(await bronze(lake, A));
  expect(await bronze(lake, B)).toMatch(/^\{"email":null,"first_name":null,"customer_id":7,/);
  expect(await totals(lake)).toEqual(['8 1.00']);
  expect(await lake.verify()).toEqual([]);
});

test('a row that was selected while it carried keys stays erased when its file arrives again', async () => {
  const guest = { ...rowOf(null, 'p6', { currency: 'AUD', first_name: 'Six' }), customer_id: '' };
  const files = {
    [A]: lines(rowOf(5, 'p5', { amount: 9, currency: 'AUD' }), guest),
    [B]: lines(rowOf(6, 'p7', { amount: 3, currency: 'AUD', first_name: 'Six' })),
  };
  await using lake = await lakeOf(files);
  await erase(lake.erase, customer(5));
  expect(await bronze(lake, A)).toMatch(/^\{"amount":null,/);
  const { unsure } = await planErasure(lake.erase, customer(6));
  expect(unsure.map(({ object, row, why }) => [object, row, why])).toEqual([[A, 1, 'name']]);
  await erase(lake.erase, customer(6), [rowName(`${A}:1`)]);
  await send(lake, files);
  expect(await bronze(lake, A)).not.toContain('Six');
});

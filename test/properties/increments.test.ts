import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { toSource } from '../../src/config/shape/to-source.ts';
import { REFERENCE_RATES } from '../../src/lake/layout.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { Store } from '../../src/lake/ports/store.ts';
import { initialRunState } from '../../src/state-machine/run-state.ts';
import { createSteps } from '../../src/state-machine/steps/index.ts';
import { purchases } from '../support/cli.ts';
import { sameBronze, testFolder } from '../support/folders.ts';
import { type Layers, layersOf } from '../support/layers.ts';
import { memoryWarehouse, tinyLake, type TinyLake } from '../support/tiny-lake.ts';

type Served = Map<string, { row: string; updatedAt: string }>;

const FILES = 10;
const ROWS = 6;
const CURRENCIES = ['AUD', 'USD', 'EUR'];
const HEADER = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
let lake: TinyLake;
let before: Served = new Map();

beforeAll(async () => {
  opened = await memoryWarehouse();
  lake = await tinyLake(opened.warehouse);
});
afterAll(async () => {
  await opened.warehouse.close();
  await lake[Symbol.asyncDispose]();
});

// The steps depend on each other: each starts from the lake of the step before.
test('a first run builds gold of ten files, and the serving table from gold', async () => {
  await lake.run(
    Object.fromEntries(Array.from({ length: FILES }, (_, number) => [key(number), file(number)])),
  );
  expect(await changedCustomers()).toHaveLength(32);
});

test('a changed file replaces its content: an amount, a removed row, a moved row, a broken row', async () => {
  const [header, first = '', second = '', third = '', ...rest] = file(3).split('\n');
  const changed = [
    header,
    first.replace(/[^,]+,AUD/, '999.99,AUD'),
    second.replace(/^[0-9]+/, '109'),
    third.replace(/,[^,]+,EUR/, ',free,EUR'),
    ...rest.slice(1),
  ];
  await lake.run({ [key(3)]: changed.join('\n') });
  expect(await changedCustomers()).toEqual(['109', '110', '111', '112']);
});

test('a deleted file removes its rows', async () => {
  await lake.run({ [key(9)]: undefined });
  expect(await changedCustomers()).toEqual(['127', '128', '129', '130', '131']);
  expect([before.has('128'), before.has('129')]).toEqual([true, false]);
});

test('the same file under another name counts nothing twice', async () => {
  await lake.run({ 'shop/2026/09/23/again.csv': file(2) });
  expect(await changedCustomers()).toEqual([]);
});

test('a late file for an old day adds its new purchases, and does not override known ones', async () => {
  const rows = ['103,First,Last,c103@example.com,P-0-0,2026-07-01,5000.00,AUD'];
  rows.push('103,First,Last,c103@example.com,P-LATE,2026-07-01,12.34,USD');
  await lake.run({ 'shop/2026/07/02/late.csv': [HEADER, ...rows].join('\n') });
  expect(await changedCustomers()).toEqual(['103']);
});

test('a later file that assigns a known purchase to another customer removes it from the previous one', async () => {
  const row = '110,First,Last,c110@example.com,P-0-5,2026-08-15,7.00,AUD';
  await lake.run({ 'shop/2026/09/25/corrected.csv': [HEADER, row].join('\n') });
  expect(await changedCustomers()).toEqual(['100', '110']);
});

test('imported rates change customers whose purchases convert differently, and quarantine those without a rate', async () => {
  const rates = ['currency,rate_date,rate_aud'];
  for (let day = 11; day <= 20; day++) rates.push(`USD,2026-08-${day},1.5`);
  await importRates(`${rates.join('\n')}\n`);
  await lake.run();
  expect((await changedCustomers()).length).toBeGreaterThan(10);
  const { quarantine } = await layersOf(lake.deps.store);
  expect(quarantine.filter((row) => row.includes('fx_rate_missing')).length).toBeGreaterThan(10);
});

test('rates that arrive late restore the quarantined purchases', async () => {
  await rm(join(lake.root, REFERENCE_RATES));
  await lake.run();
  await changedCustomers();
  const { quarantine } = await layersOf(lake.deps.store);
  expect(quarantine.filter((row) => row.includes('fx_rate_missing'))).toEqual([]);
});

test('another business time zone moves the dates of customers who bought near midnight', async () => {
  lake.deps.settings = { ...lake.deps.settings, timeZone: 'America/New_York' };
  await lake.run();
  expect((await changedCustomers()).length).toBeGreaterThan(5);
});

test('another mapping of a source rebuilds the objects of that source alone', async () => {
  const { settings } = lake.deps;
  const doubled = toSource({
    name: 'doubled',
    match: 'shop/**/orders-7.csv',
    fields: { amount: { product: ['amount', 2] } },
  });
  lake.deps.settings = { ...settings, sources: [doubled, ...settings.sources] };
  await lake.run();
  expect(await changedCustomers()).toEqual(['121', '122', '123', '124', '125']);
});

test('a lake without bronze objects has no customer left', async () => {
  await rm(join(lake.root, 'bronze'), { recursive: true });
  await mkdir(join(lake.root, 'bronze'));
  await lake.run();
  await changedCustomers();
  expect(before.size).toBe(0);
});

/**
 * Purchases of five customers, two of whom the next file has too, in three currencies on
 * consecutive days, every third one near midnight UTC.
 */
function file(number: number): string {
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const customer = 100 + number * 3 + (index % 5);
    const date = `2026-08-${10 + number + index}`;
    const time = index % 3 === 0 ? 'T23:30:00Z' : '';
    const amount = `${number + index}.${10 + index * 17}5`;
    const currency = CURRENCIES[(number + index) % 3];
    return `${customer},First,Last,c${customer}@example.com,P-${number}-${index},${date}${time},${amount},${currency}`;
  });
  return [HEADER, ...rows].join('\n');
}

function key(number: number): string {
  return `shop/2026/09/2${number % 2}/orders-${number}.csv`;
}

async function importRates(csv: string): Promise<void> {
  const cwd = await testFolder();
  await writeFile(join(cwd, 'rates.csv'), csv);
  const { code } = await purchases({ cwd }, 'fx', 'import', 'rates.csv', '--lake', lake.root);
  expect(code).toBe(0);
}

/**
 * Checks that the lake equals a rebuild from scratch, gold's digest included, that its table equals
 * gold, cell for cell, and that no unchanged row was written. Returns the customers whose rows are
 * changed, new or removed since the step before.
 */
async function changedCustomers(): Promise<string[]> {
  const now = await served();
  const layers = await layersOf(lake.deps.store);
  expect({ layers, digest: await goldDigest(lake.deps.store) }).toEqual(await rebuilt());
  expect([...now.values()].map(({ row }) => row).toSorted()).toEqual(
    layers.gold.map((line) => JSON.stringify((JSON.parse(line) as string[]).slice(0, 6))),
  );
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
    (id) => before.get(id)?.row !== now.get(id)?.row,
  );
  const touched = [...now].filter(([id, { updatedAt }]) => before.get(id)?.updatedAt !== updatedAt);
  expect(touched.map(([id]) => id).toSorted()).toEqual(
    changed.filter((id) => now.has(id)).toSorted(),
  );
  before = now;
  return changed.toSorted();
}

async function served(): Promise<Served> {
  const { rows } = await opened.warehouse.query(
    'select customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date, updated_at from customer_purchase_summary',
  );
  return new Map(
    rows.map((row) => [
      row[0] ?? '',
      { row: JSON.stringify(row.slice(0, 6)), updatedAt: row[6] ?? '' },
    ]),
  );
}

/** Undefined if no object is live. */
const goldDigest = async (store: Store): Promise<string | undefined> =>
  (await readLedger(store)).gold?.digest;

/**
 * The layers of a new lake with the same bronze, rules and rates, and gold's digest; it has no
 * serving table.
 */
async function rebuilt(): Promise<{ layers: Layers; digest: string | undefined }> {
  await using target = await tinyLake(opened.warehouse);
  target.deps.settings = lake.deps.settings;
  await sameBronze(lake.root, target.root);
  const steps = createSteps(target.deps);
  let state = initialRunState('rebuild', 'test');
  for (const stateName of ['Plan', 'BronzeToSilver', 'SilverToGold', 'Commit'] as const) {
    state = await steps[stateName](state, { signal: new AbortController().signal, stateName });
    if (state.work === 'none') break;
  }
  return {
    layers: await layersOf(target.deps.store),
    digest: await goldDigest(target.deps.store),
  };
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { csv, memoryWarehouse, tinyLake, type TinyLake } from '../../../test/support/tiny-lake.ts';
import { customerHistory, type History } from './history.ts';
import { readCommits } from '../ledger/ledger.ts';

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
let lake: TinyLake;

beforeAll(async () => {
  opened = await memoryWarehouse();
  lake = await tinyLake(opened.warehouse);
  await lake.run({ 'a.csv': csv('1,Ada,p1,2026-01-05,10.00', '2,Bob,p2,2026-01-06,20') });
  await lake.run({ 'b.csv': csv('2,Bob,p3,2026-01-07,1'), 'c.csv': csv('3,Cyd,p4,2026-01-07,4') });
  await lake.run({ 'a.csv': csv('1,Ada,p1,2026-01-05,11.00', '2,Bob,p2,2026-01-06,20') });
  await lake.run({ 'd.csv': csv('3,Cyd,p1,2026-01-05,11.00') });
  await lake.run({ 'd.csv': undefined });
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
  await opened.warehouse.close();
});

const summary = ({ entries }: History): string[] =>
  entries.map(
    ({ seq, row, causes }) =>
      `${seq}: ${row?.['total_spent_aud'] ?? 'gone'} by ${causes.map(({ object, change, sure }) => `${object} ${change}${sure ? '' : '?'}`).join(', ')}`,
  );

test('lists the row of gold at each commit, and the objects that changed it, also by removing a purchase', async () => {
  expect(summary(await customerHistory(lake.workspace, lake.customerIndex, 1))).toEqual([
    '1: 10.00 by a.csv added',
    '3: 11.00 by a.csv replaced',
    '4: gone by d.csv added',
    '5: 11.00 by d.csv removed',
  ]);
  const bob = await customerHistory(lake.workspace, lake.customerIndex, 2);
  expect(summary(bob)).toEqual(['1: 20.00 by a.csv added', '2: 21.00 by b.csv added']);
  expect(bob.entries[1]?.changes).toEqual([
    { column: 'total_spent_aud', before: '20.00', after: '21.00' },
    { column: 'last_purchase_date', before: '2026-01-06', after: '2026-01-07' },
    { column: 'purchase_count', before: '1', after: '2' },
  ]);
});

test('returns no entries for an unknown customer', async () => {
  expect(await customerHistory(lake.workspace, lake.customerIndex, 77)).toEqual({
    customer: 77,
    entries: [],
    commits: 5,
    forgotten: 0,
  });
});

test('attributes changes of vacuumed gold to the next known commit, and marks unsure causes', async () => {
  await using copy = await tinyLake(opened.warehouse, lake);
  for await (const { commit } of readCommits(copy.deps.store)) {
    if (commit.seq < 3) await rm(join(copy.root, commit.gold?.files[0]?.key ?? ''));
    if (commit.seq < 2) await rm(join(copy.root, commit.files[0]?.key ?? ''));
  }
  const history = await customerHistory(copy.workspace, copy.customerIndex, 2);
  expect(history).toMatchObject({ commits: 5, forgotten: 2 });
  expect(summary(history)).toEqual(['3: 21.00 by a.csv added?, b.csv added, a.csv replaced']);
});

test('finds a customer who is identified by a key', async () => {
  await using keyed = await tinyLake(opened.warehouse);
  const [source] = keyed.deps.settings.sources;
  keyed.deps.settings = {
    ...keyed.deps.settings,
    sources: [
      {
        ...source!,
        fields: { ...source!.fields, customer_key: { kind: 'column', column: 'customer_id' } },
      },
    ],
  };
  delete keyed.deps.settings.sources[0]?.fields.customer_id;
  await keyed.run({ 'k.csv': csv('cus_9,Ada,p1,2026-01-05,10.00') }).catch(() => undefined);
  const history = await customerHistory(keyed.workspace, keyed.customerIndex, 1_000_000_001);
  expect(summary(history)).toEqual(['1: 10.00 by k.csv added']);
});

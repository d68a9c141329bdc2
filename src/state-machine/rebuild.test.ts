import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { csv, memoryWarehouse, tinyLake } from '../../test/support/tiny-lake.ts';
import { mustBeIntact } from '../lake/ledger/integrity.ts';
import { readCommits, readLedger } from '../lake/ledger/ledger.ts';

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
beforeAll(async () => {
  opened = await memoryWarehouse();
});
afterAll(() => opened.warehouse.close());

test('a rebuild reads all of bronze again, repairs damaged files and results in the same gold, which is then in the table', async () => {
  await using lake = await tinyLake(opened.warehouse);
  const { store } = lake.deps;
  await lake.run({ 'a.csv': csv('1,Ada,p1,2026-01-05,10.00', '2,Bob,p2,2026-01-06,20') });
  await lake.run({ 'b.csv': csv('1,Ada,p1,2026-01-05,11.00', '3,Cyd,p3,2026-02-06,7') });
  const before = await readLedger(store);
  const silver = before.objects.get('a.csv')?.silver ?? '';
  await writeFile(join(lake.root, silver), 'no Parquet');
  await rm(join(lake.root, before.objects.get('b.csv')?.silver ?? ''));
  await rm(join(lake.root, before.gold?.files[0]?.key ?? ''));

  expect(await lake.run({}, { remakeAll: true })).toMatchObject({ work: 'lake', seq: 3 });

  const after = await readLedger(store);
  expect(after.gold?.digest).toBe(before.gold?.digest);
  await mustBeIntact(lake.workspace, [...after.files.values(), ...(after.gold?.files ?? [])]);
  const changes = [];
  for await (const { commit } of readCommits(store)) changes.push(commit.objects.remade.length);
  expect(changes).toEqual([0, 0, 2]);
  expect((await opened.warehouse.state()).sync?.seq).toBe(3);
  expect(await lake.run()).toMatchObject({ work: 'none', seq: 3 });
});

import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  csv,
  emptied,
  memoryWarehouse,
  type TinyLake,
  tinyLake,
} from '../../test/support/tiny-lake.ts';
import { LedgerDamaged } from '../errors.ts';
import { removeRemains } from '../lake/run/lost-files.ts';
import { mustBeIntact } from '../lake/ledger/integrity.ts';
import { readLedger } from '../lake/ledger/ledger.ts';
import type { LakeState } from '../lake/ledger/records.ts';
import { verify } from '../lake/audit/verify.ts';
import { folderStore } from '../stores/filesystem/filesystem.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
let initial: TinyLake;
beforeAll(async () => {
  opened = await memoryWarehouse();
  initial = await tinyLake(opened.warehouse);
  await initial.run({
    '2026/01/05/a.csv': csv('1,Ada,p1,2026-01-05,10.00', '2,Bob,p2,2026-01-06,20'),
    '2026/01/05/b.csv': csv('1,Ada,p3,2026-01-05,11.00', '3,Cyd,p4,2026-01-06,none'),
    '2026/02/06/c.csv': csv('4,Dee,p5,2026-02-06,7'),
  });
});
afterAll(async () => {
  await initial[Symbol.asyncDispose]();
  await opened.warehouse.close();
});

/** The files of a layer that the ledger names. */
const filesOf = (state: LakeState, layer: string): string[] =>
  [...state.files.keys(), ...(state.gold?.files ?? []).map(({ key }) => key)].filter((key) =>
    key.startsWith(`${layer}/`),
  );

/** Rows whose customers have no number of their own. */
const keyed = (...rows: string[]): string => csv(...rows).replace(/^customer_id/, 'customer_key');

type Loss = (path: string) => Promise<void>;
const gone: Loss = (path) => rm(path);
const torn: Loss = (path) => truncate(path, 10);

async function findings({ deps, diff, workspace, root }: TinyLake): Promise<unknown[]> {
  const beside = folderStore(join(root, '_scratch/beside'));
  return (await verify({ ...deps, diff, workspace, rebuildStore: beside, limit: 10 })).findings;
}

test.each<[string, string[], Loss]>([
  ['silver is missing', ['silver'], gone],
  ['silver is torn', ['silver'], torn],
  ['quarantine is missing', ['quarantine'], gone],
  ['quarantine is torn', ['quarantine'], torn],
  ['gold is missing', ['gold'], gone],
  ['gold is torn', ['gold'], torn],
  ['every layer is missing', ['silver', 'quarantine', 'gold'], gone],
])('where %s the next run writes it again from bronze', async (_, layers, lose) => {
  await emptied(opened.db);
  await using lake = await tinyLake(opened.warehouse, initial);
  await lake.run();
  const before = await readLedger(lake.deps.store);
  const lost = layers.flatMap((layer) => filesOf(before, layer));
  expect(lost.length).toBeGreaterThanOrEqual(layers.length);
  for (const key of lost) await lose(join(lake.root, key));

  expect(await lake.run()).toMatchObject({ work: 'lake', seq: before.seq + 1 });

  const after = await readLedger(lake.deps.store);
  expect(after.gold?.digest).toBe(before.gold?.digest);
  await removeRemains(
    lake.deps.store,
    after,
    lost.map((key) => ({ key, damage: 'lost' })),
  );
  await mustBeIntact(lake.workspace, [...after.files.values(), ...(after.gold?.files ?? [])]);
  expect(await findings(lake)).toEqual([]);
  expect(await lake.run()).toMatchObject({ work: 'none', seq: before.seq + 1 });
});

test('lost silver and an object that changed at the same time take one run', async () => {
  await emptied(opened.db);
  await using lake = await tinyLake(opened.warehouse, initial);
  await lake.run();
  const before = await readLedger(lake.deps.store);
  const [file = ''] = filesOf(before, 'silver');
  await gone(join(lake.root, file));
  await lake.run({
    '2026/02/06/c.csv': csv('4,Dee,p5,2026-02-06,8'),
    '2026/01/05/b.csv': undefined,
  });
  expect(await findings(lake)).toEqual([]);
  expect((await readLedger(lake.deps.store)).gold?.total).toBe('38.00');
});

test('a lost file of the registry of customer keys stops the run with its name: no customer gets another number', async () => {
  await emptied(opened.db);
  await using lake = await tinyLake(opened.warehouse);
  lake.deps.settings.sources = lake.deps.settings.sources.map((source) => {
    const { customer_id: _, ...fields } = source.fields;
    return {
      ...source,
      fields: { ...fields, customer_key: { kind: 'column', column: 'customer_key' } },
    };
  });
  await lake.run({ 'a.csv': keyed('cus_a,Ada,p1,2026-01-05,10.00', 'cus_b,Bob,p2,2026-01-06,2') });
  const { keys } = await readLedger(lake.deps.store);
  const [file] = keys.files;
  expect(file).toBeDefined();
  await gone(join(lake.root, file?.key ?? ''));
  for (const objects of [{}, { 'b.csv': keyed('cus_c,Cyd,p3,2026-01-07,1') }]) {
    const failed = await lake.run(objects).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(LedgerDamaged);
    expect(failed).toMatchObject({
      message: expect.stringContaining(`${file?.key} of the registry of customer keys is missing`),
      hint: expect.stringContaining('backup'),
    });
  }
  expect((await readLedger(lake.deps.store)).seq).toBe(1);
});

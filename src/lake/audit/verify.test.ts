import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { csv, memoryWarehouse, tinyLake, type TinyLake } from '../../../test/support/tiny-lake.ts';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import type { Verification } from './findings.ts';
import { commitKey } from '../layout.ts';
import { readLedger } from '../ledger/ledger.ts';
import { verify } from './verify.ts';

const JANUARY = csv(
  '1,Ada,p1,2026-01-05,10.00',
  '2,Bob,p2,2026-01-06,20.00',
  'x,Eve,p3,2026-01-06,1',
);
const FEBRUARY = csv('1,Ada,p4,2026-02-05,5.50', '3,Cyd,p5,2026-02-06,7.00');

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
let whole: TinyLake;
let lake: TinyLake;

beforeAll(async () => {
  opened = await memoryWarehouse();
  whole = await tinyLake(opened.warehouse);
  await whole.run({ '2026-01-31/a.csv': JANUARY });
  await whole.run({ '2026-02-28/b.csv': FEBRUARY });
  await opened.db.exec(`CREATE TABLE rows_before AS SELECT * FROM customer_purchase_summary;
    CREATE TABLE commit_before AS SELECT commit FROM customer_purchase_sync_state`);
});
afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  await opened.warehouse.close();
});
beforeEach(async () => {
  await opened.db.exec(`DELETE FROM customer_purchase_summary;
    INSERT INTO customer_purchase_summary SELECT * FROM rows_before;
    UPDATE customer_purchase_sync_state SET commit = (SELECT commit FROM commit_before)`);
  lake = await tinyLake(opened.warehouse, whole);
  return () => lake[Symbol.asyncDispose]();
});

let times = 0;
async function verified(): Promise<Verification> {
  const scratch = join(lake.workspace.scratch, `verify-${++times}`);
  await mkdir(scratch);
  const workspace = { ...lake.workspace, scratch };
  const rebuildStore = folderStore(join(scratch, 'rebuilt'));
  return verify({ ...lake.deps, diff: lake.diff, workspace, rebuildStore, limit: 3 });
}

const newest = async () => readLedger(lake.deps.store);

async function damage(key: string, how: (bytes: Buffer) => Buffer): Promise<void> {
  const path = join(lake.root, key);
  await writeFile(path, how(await readFile(path)));
}

const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
};

describe('verify', () => {
  test('finds a lake and its table equal to a rebuild from bronze', async () => {
    expect(await verified()).toEqual({
      seq: 2,
      equal: true,
      checked: { commits: 2, files: 5, objects: 2, silver: 4, quarantine: 1, customers: 3 },
      differences: {},
      findings: [],
      rules_version: { lake: 4, now: 4 },
    });
  });

  test('writes nothing into the lake', async () => {
    const before = await listed(lake);
    await verified();
    expect(await listed(lake)).toEqual(before);
  });

  test('an empty lake is equal', async () => {
    await using empty = await tinyLake(opened.warehouse);
    const rebuildStore = folderStore(join(empty.workspace.scratch, 'rebuilt'));
    const verification = await verify({ ...empty.deps, ...empty, rebuildStore, limit: 3 });
    expect(verification).toMatchObject({ seq: 0, equal: true, findings: [] });
  });

  test('reports edited cells of the serving table, and removed or added customers', async () => {
    await opened.db
      .exec(`UPDATE customer_purchase_summary SET total_spent_aud = 99 WHERE customer_id = 1;
      DELETE FROM customer_purchase_summary WHERE customer_id = 2;
      INSERT INTO customer_purchase_summary (customer_id) VALUES (77)`);
    const { equal, differences, findings } = await verified();
    expect({ equal, differences }).toEqual({ equal: false, differences: { serving_table: 3 } });
    expect(findings).toEqual([
      {
        what: 'serving_table',
        customer: 1,
        problem: 'differs',
        column: 'total_spent_aud',
        found: '99.00',
        expected: '15.50',
      },
      { what: 'serving_table', customer: 2, problem: 'missing' },
      { what: 'serving_table', customer: 77, problem: 'unexpected' },
    ]);
  });

  test('reports objects that only bronze or only the ledger has', async () => {
    await writeFile(join(lake.root, 'bronze', 'c.csv'), csv('9,Zed,p9,2026-02-07,1'));
    await rm(join(lake.root, 'bronze/2026-01-31/a.csv'));
    const { findings, differences } = await verified();
    expect(differences).toMatchObject({ object: 2, gold: 3, serving_table: 3 });
    expect(findings.slice(0, 2)).toMatchObject([
      { what: 'object', object: 'c.csv', problem: 'missing' },
      { what: 'object', object: '2026-01-31/a.csv', problem: 'unexpected' },
    ]);
  });

  test('reports objects that were read with other rules', async () => {
    const settings = { ...lake.deps.settings, timeZone: 'Europe/London' };
    lake.deps.settings = settings;
    const { findings } = await verified();
    expect(findings[0]).toMatchObject({ what: 'object', column: 'rules', problem: 'differs' });
  });

  test('lists at most `limit` findings of a kind, and counts all', async () => {
    await opened.db.exec('DELETE FROM customer_purchase_summary');
    await opened.db.exec(
      'INSERT INTO customer_purchase_summary (customer_id) SELECT generate_series(100, 199)',
    );
    const { differences, findings } = await verified();
    expect(differences).toEqual({ serving_table: 103 });
    expect(findings).toHaveLength(3);
  });

  test('reports a table that is not at the newest commit', async () => {
    await opened.db.exec(`UPDATE customer_purchase_sync_state SET commit = 'other'`);
    const { findings } = await verified();
    expect(findings).toMatchObject([{ what: 'serving_table', column: 'commit' }]);
  });
});

describe('damage is reported:', () => {
  test.each([
    ['silver', async () => [...(await newest()).objects.values()][0]?.silver ?? ''],
    ['quarantine', async () => [...(await newest()).objects.values()][0]?.quarantine ?? ''],
    ['gold', async () => (await newest()).gold?.files[0]?.key ?? ''],
    ['gold of an older day', async () => 'older'],
  ])('a flipped bit in %s', async (_layer, find) => {
    let key = await find();
    if (key === 'older')
      for await (const info of lake.deps.store.list('gold/year=2026/month=01/')) key = info.key;
    await damage(key, flipped);
    const { differences, findings } = await verified();
    expect(differences).toEqual({ file: 1 });
    expect(findings).toEqual([
      { what: 'file', problem: 'damaged', key, message: expect.stringContaining('sha-256') },
    ]);
  });

  test('a missing file and a truncated one', async () => {
    const [first, second] = [...(await newest()).objects.values()].map(
      ({ silver }) => silver ?? '',
    );
    await rm(join(lake.root, first ?? ''));
    await damage(second ?? '', (bytes) => bytes.subarray(0, -1));
    const { findings } = await verified();
    expect(findings.map(({ key, message }) => [key, message])).toEqual(
      expect.arrayContaining([
        [first, 'it is missing'],
        [second, expect.stringMatching(/bytes, but \d+ were recorded/)],
      ]),
    );
  });

  test.each([
    [
      'with a changed byte',
      1,
      (bytes: Buffer) => Buffer.from(bytes.toString().replace('run', 'ruN')),
    ],
    ['that is truncated', 2, (bytes: Buffer) => bytes.subarray(0, 100)],
  ])('a commit %s', async (_what, seq, how) => {
    await damage(commitKey(seq), how);
    const { equal, findings } = await verified();
    expect(equal).toBe(false);
    expect(findings[0]).toMatchObject({ what: 'ledger', problem: 'damaged' });
  });

  test('a missing commit', async () => {
    await rm(join(lake.root, commitKey(1)));
    const { findings } = await verified();
    expect(findings[0]).toMatchObject({ what: 'ledger', message: 'commit 1 is missing before it' });
  });
});

async function listed({ deps }: TinyLake): Promise<string[]> {
  const keys: string[] = [];
  for (const prefix of ['bronze/', 'silver/', 'quarantine/', 'gold/', '_ledger/', '_runs/'])
    for await (const { key, etag } of deps.store.list(prefix)) keys.push(`${key} ${etag}`);
  return keys;
}

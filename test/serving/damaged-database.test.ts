import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { beforeEach, expect, test, vi } from 'vitest';
import { document, purchases, type Answer } from '../support/cli.ts';
import { putBronze, testFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let cwd: string;
let database: string;
const on = (command: string, ...flags: string[]): Promise<Answer> =>
  purchases({ cwd }, command, ...flags);
const SQL = 'select customer_id, total_spent_aud from customer_purchase_summary order by 1';
const table = async (): Promise<unknown> =>
  document(await on('query', SQL, '--warehouse-db', '--json'));

beforeEach(async () => {
  cwd = await testFolder();
  database = join(cwd, 'lake/_warehouse');
  const rows = ['1,A,p1,2026-01-05,10.25,AUD', '2,C,p2,2026-01-05,20,AUD'];
  const header = 'customer_id,first_name,purchase_id,purchase_date,amount,currency';
  await putBronze(join(cwd, 'lake'), '2026-01-05/a.csv', [header, ...rows, ''].join('\n'));
  document(await on('run', '--json', '-q'));
});

test('a damaged embedded database is reported by every command, and repair sets it aside and builds a new one, after confirmation', async () => {
  const before = await table();
  await writeFile(join(database, 'PG_VERSION'), 'x\n');
  for (const command of [
    ['run', '-q'],
    ['verify'],
    ['query', 'select 1', '--warehouse-db'],
    ['migrate'],
  ])
    expect(await on(...(command as [string])), command.join(' ')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^WarehouseDamaged: The embedded serving database in .*_warehouse is damaged: its file PG_VERSION holds "x".*`purchases repair` sets the folder aside/s,
      ),
    });
  expect(await on('repair')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('purchases repair --yes'),
  });
  expect(await readFile(join(database, 'PG_VERSION'), 'utf8')).toBe('x\n');

  const repaired = document(await on('repair', '--yes', '--json')) as { set_aside: string };
  expect(repaired).toMatchObject({ done: true, changed: { inserted: 2 } });
  expect(repaired.set_aside).toMatch(/_warehouse\.damaged-\d{8}T\d{6}Z$/);
  expect(await readdir(repaired.set_aside)).toContain('global');
  expect(await table()).toEqual(before);
  expect(await on('verify')).toMatchObject({ code: 0 });
  expect(await on('run', '-q')).toMatchObject({ code: 0 });
});

test('a table whose file is missing is set aside too', async () => {
  const before = await table();
  const sql = `select pg_relation_filepath('customer_purchase_summary') as path`;
  const [found] = document(await on('query', sql, '--warehouse-db', '--json')) as {
    path: string;
  }[];
  await rm(join(database, found?.path ?? ''));
  expect(await on('repair')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('WarehouseDamaged'),
  });
  expect(document(await on('repair', '--yes', '--json'))).toMatchObject({ done: true });
  expect(await table()).toEqual(before);
});

test('an index that hides rows is found by verify and rebuilt by repair', async () => {
  const db = await PGlite.create({ dataDir: database });
  const index = `indexrelid = 'customer_purchase_summary_pkey'::regclass`;
  await db.exec(`UPDATE pg_index SET indisready = false WHERE ${index}`);
  await db.exec(
    `INSERT INTO customer_purchase_summary (customer_id, total_spent_aud) VALUES (3, 99)`,
  );
  await db.exec(`UPDATE pg_index SET indisready = true WHERE ${index}`);
  await db.close();
  expect(await on('verify')).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(
      /serving table.*customer_id: the index on customer_id finds 2 rows, the table itself holds 3.*purchases repair/s,
    ),
  });
  expect(document(await on('repair', '--json'))).toMatchObject({
    done: true,
    indexes: ['customer_id'],
    changed: { deleted: 1 },
  });
  expect(await on('verify')).toMatchObject({ code: 0 });
  expect(document(await on('repair', '--json'))).toMatchObject({ changed: null, indexes: [] });
});

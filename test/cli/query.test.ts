import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { type Answer, document, purchases } from '../support/cli.ts';
import { digests, sharedFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const at = sharedFolder();
const query = (sql: string, ...flags: string[]): Promise<Answer> =>
  purchases({ cwd: at.folder }, 'query', sql, ...flags);
const MATILDA = `select customer_id, full_name, email, total_spent_aud, first_purchase_date, purchase_count, null as nothing, 'a "b", c' as text from gold where customer_id = 1001`;

let gold = '';

beforeAll(async () => {
  await purchases({ cwd: at.folder }, 'run', '--samples', '--quiet');
  const folder = join(at.folder, 'lake/gold/year=2026/month=10/day=14');
  const [version = ''] = await readdir(folder);
  const [file = ''] = await readdir(join(folder, version));
  gold = join(folder, version, file);
});

describe('an answer', () => {
  test('in csv is RFC 4180: text quoted where it must be, null empty', async () => {
    const { stdout } = await query(MATILDA, '--format', 'csv');
    expect(stdout).toBe(
      'customer_id,full_name,email,total_spent_aud,first_purchase_date,purchase_count,nothing,text\n' +
        '1001,Matilda Brennan,matilda@example.org,153.85,2026-09-25,3,,"a ""b"", c"\n',
    );
  });

  test('in json is an array of objects whose values are text, so that no digit is lost', async () => {
    const rows = document(await query(MATILDA, '--format', 'json'));
    expect(rows).toEqual([
      {
        customer_id: '1001',
        full_name: 'Matilda Brennan',
        email: 'matilda@example.org',
        total_spent_aud: '153.85',
        first_purchase_date: '2026-09-25',
        purchase_count: '3',
        nothing: null,
        text: 'a "b", c',
      },
    ]);
    expect(document(await query('select * from gold where false', '--json'))).toEqual([]);
  });

  test('in parquet is a Parquet file with the types of gold', async () => {
    const path = join(at.folder, 'answer.parquet');
    const { bytes } = await query('select * from gold order by customer_id', '--format', 'parquet');
    await writeFile(path, bytes);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    expect(rows).toHaveLength(23);
    expect(rows[0]).toMatchObject({
      customer_id: 1001,
      full_name: 'Matilda Brennan',
      total_spent_aud: 153.85,
    });
  });

  test('in a table shows what a terminal would obey as its code', async () => {
    const { stdout } = await query(`select 'red' || chr(27) || '[31m' as name`);
    expect(stdout).toBe(['name', '─'.repeat(13), 'red\\u001b[31m', ''].join('\n'));
  });

  test.each([
    ['silver', '69'],
    ['quarantine', '26'],
    ['gold', '23'],
    ['gold_history', '23'],
    ['objects', '9'],
    ['commits', '1'],
  ])('can be asked of %s', async (relation, count) => {
    expect(document(await query(`select count(*) as n from ${relation}`, '--json'))).toEqual([
      { n: count },
    ]);
  });
});

describe.each([
  ['the lake', []],
  ['the serving database', ['--warehouse-db']],
] as const)('csv from %s', (_, flags) => {
  const FORMULAS = `select '=cmd()' as "=name", '+1 2' as b, '-5.00' as c, '-x' as d, '@a' as e, chr(9) || 'f' as f, chr(13) || 'g' as g, -5.00 as h, 'a "b"' as i`;
  const rest = `-5.00,'-x,'@a,'\tf,"'\rg",-5.00,"a ""b"""\n`;

  test('holds no formula, in cells and names, and numbers stay numbers', async () => {
    const { stdout } = await query(FORMULAS, '--format', 'csv', ...flags);
    expect(stdout).toBe(`'=name,b,c,d,e,f,g,h,i\n'=cmd(),'+1 2,${rest}`);
  });

  test('is exact where that is asked for, and json always', async () => {
    const { stdout } = await query(FORMULAS, '--format', 'csv', '--exact', ...flags);
    expect(stdout).toBe(`=name,b,c,d,e,f,g,h,i\n=cmd(),+1 2,${rest.replace(/'/g, '')}`);
    expect(document(await query(FORMULAS, '--json', ...flags))).toMatchObject([
      { '=name': '=cmd()', d: '-x' },
    ]);
  });
});

test('a serving database that is not there is named, and not made', async () => {
  const pglite = ['--warehouse', 'pglite:none', '--warehouse-db'];
  const { code, stderr } = await query('select 1', ...pglite);
  expect(code).toBe(1);
  expect(stderr).toMatch(/There is no serving database in .*none yet/);
  expect(existsSync(join(at.folder, 'none'))).toBe(false);
});

describe('a query refuses', () => {
  let before: unknown;
  beforeAll(async () => {
    await writeFile(join(dirname(gold), 'beside.txt'), 'not of the lake');
    before = await digests(join(at.folder, 'lake/gold'));
  });

  test.each([
    ['two statements', 'select 1; select 2'],
    ['none', ' '],
    ['a comment alone', '/* nothing */ -- at all'],
    ['a file outside the lake', `select * from read_csv('/etc/passwd')`],
    ['a file by its name', `select * from '/etc/passwd'`],
    ['the text of a file', `select * from read_text('/etc/passwd')`],
    ['a list of files', `select * from glob('/etc/*')`],
    [
      'another file of the lake',
      `select * from read_text('LAKE/bronze/shop/2026/10/01/orders.csv')`,
    ],
    ['COPY to a file', `copy gold to '/tmp/purchases-query-test.csv'`],
    ['COPY over gold', `copy (select 1) to 'GOLD' (format parquet)`],
    ['COPY over gold after a SELECT', `select 1) to 'GOLD' (format csv) --`],
    ['EXPORT', `export database 'LAKE/gold/all'`],
    ['ATTACH', `attach 'LAKE/_lock/lake.duckdb' as other`],
    ['INSTALL', 'install httpfs'],
    ['LOAD', 'load httpfs'],
    ['SET', `set enable_external_access = true`],
    ['RESET', 'reset memory_limit'],
    ['PRAGMA', 'pragma version'],
    ['PRAGMA behind a comment', '/* a */ -- b\n pragma database_list'],
    ['CALL', 'call pragma_version()'],
    ['CREATE', 'create table t as select 1'],
    ['DROP', 'drop view gold'],
    ['INSERT', 'insert into gold select * from gold'],
    ['UPDATE', 'update gold set email = null'],
    ['DELETE', 'delete from gold'],
    ['a table that does not exist', 'select * from nothing_of_this_name'],
    [
      'logs into the folder of gold',
      `from enable_logging(level = 'trace', storage = 'file', storage_path = 'FOLDER')`,
    ],
    ['logs by a quoted name', `select * from "Enable_Logging"(storage = 'stdout')`],
    ['a profile', 'from enable_profiling()'],
    ['a log entry', `select write_log('made')`],
    ['a checkpoint', 'from force_checkpoint()'],
    ['a SELECT that is made from a text', `from query('from enable_' || 'logging()')`],
    ['another file beside gold', `select * from read_text('FOLDER/beside.txt')`],
    ['the files beside gold', `select * from glob('FOLDER/*')`],
    ['a variable of the environment', `select getenv('HOME')`],
    ['the environment as a file', `select * from read_text('/proc/self/environ')`],
    ['what is under way elsewhere', `select * from read_csv('http://127.0.0.1:1/a.csv')`],
  ])('%s', async (_, sql) => {
    const lake = join(at.folder, 'lake');
    const { code, stdout, stderr } = await query(
      sql.replace('LAKE', lake).replace('GOLD', gold).replace('FOLDER', dirname(gold)),
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^QueryRefused: /);
    expect(stderr).not.toContain('root:');
    expect(await digests(join(lake, 'gold'))).toEqual(before);
  });

  test.each([
    ['two statements', 'select 1; delete from customer_purchase_summary'],
    ['a write', 'delete from customer_purchase_summary'],
    [
      'a write within a SELECT',
      `with gone as (delete from customer_purchase_summary returning 1) select * from gone`,
    ],
    ['COPY', `copy customer_purchase_summary to '/tmp/table.csv'`],
    ['a setting', `set role postgres`],
    [
      'a role that is left by a function',
      `select set_config('role', 'none', true), pg_read_file('/etc/hostname')`,
    ],
    [
      'a block that leaves the role',
      `do $$ begin execute 'reset role'; execute 'copy (select 1) to ''/pglite/data/PG_VERSION'''; end $$`,
    ],
    ['a plan', 'explain select 1'],
  ])('%s of the serving database', async (_, sql) => {
    const files = await digests(join(at.folder, 'lake/_warehouse'));
    const { code, stderr } = await query(sql, '--warehouse-db');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^QueryRefused: /);
    expect(await digests(join(at.folder, 'lake/_warehouse'))).toEqual(files);
  });

  test('nothing of it has changed the serving table', async () => {
    const sql = 'select count(*) as n from customer_purchase_summary';
    expect(document(await query(sql, '--json', '--warehouse-db'))).toEqual([{ n: '23' }]);
    expect((await readFile(gold)).subarray(0, 4).toString()).toBe('PAR1');
  });
});

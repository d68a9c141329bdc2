import { PGlite } from '@electric-sql/pglite';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { document, purchases } from '../support/cli.ts';
import { digests, listing, testFolder } from '../support/folders.ts';

// Dozens of complete commands in sequence, each of which opens engine and database.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

/** The log of runs, and the internal files of PGlite and the lock. */
const OWN = ['_runs/', '_warehouse/', '_lock'];
const TABLES = [
  'customer_purchase_summary',
  'customer_purchase_summary_staging',
  'customer_purchase_sync_state',
];

let postgres: TestServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** A serving database, and a connection that writes to it without the pipeline. */
type Database = {
  name: string;
  url(): Promise<string>;
  write(cwd: string, sql: string): Promise<unknown>;
};
const DATABASES: Database[] = [
  {
    name: 'PGlite',
    url: async () => 'pglite:./lake/_warehouse',
    async write(cwd, sql) {
      const db = await PGlite.create(join(cwd, 'lake/_warehouse'));
      await db.exec(sql);
      await db.close();
    },
  },
  {
    name: 'PostgreSQL',
    url: () => postgres.createDatabase('twice'),
    write: (_, sql) => postgres.sql('twice', sql),
  },
];
const EDIT = 'UPDATE customer_purchase_summary SET total_spent_aud = 1';
const RATES = 'currency,rate_date,rate_aud\nUSD,2026-10-01,1.5\nEUR,2026-10-01,1.6\n';

/** The lake's files with their times, and every cell of the serving tables. */
async function remembered(cwd: string, env: Record<string, string>): Promise<unknown> {
  const cells = TABLES.map((table) => `select '${table}' as name, t::text as row from ${table} t`);
  const sql = `${cells.join(' union all ')} order by 1, 2`;
  const rows = document(await purchases({ cwd, env }, 'query', sql, '--json', '--warehouse-db'));
  return { files: await listing(join(cwd, 'lake'), OWN), rows };
}

/** Makes all files of the pipeline two days older: vacuum keeps recent files. */
async function age(lake: string): Promise<void> {
  const then = new Date(Date.now() - 2 * 86_400_000);
  for (const layer of ['silver', 'gold', 'quarantine', '_ledger'])
    for (const entry of await readdir(join(lake, layer), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then);
}

describe.each(DATABASES)('on a folder and $name', ({ url, write }) => {
  test('running any command a second time writes only its own line in the log', async () => {
    const cwd = await testFolder();
    const env = { PURCHASES_LAKE: './lake', PURCHASES_WAREHOUSE: await url() };
    const lake = join(cwd, 'lake');
    const execute = async (...argv: string[]): Promise<void> =>
      void document(await purchases({ cwd, env }, ...argv, '--json'));
    await writeFile(join(cwd, 'rates.csv'), RATES);
    await execute('run', '--samples');
    await age(lake);
    await write(cwd, EDIT);
    const commands = [
      ['run'],
      ['migrate'],
      ['repair'],
      ['adopt', '--yes'],
      ['vacuum', '--keep', '0'],
      ['verify'],
      ['erase', '1008', '--yes'],
      ['fx', 'import', 'rates.csv'],
      ['run'],
      ['vacuum', '--keep', '0'],
    ];
    for (const command of commands) {
      await execute(...command);
      const before = await remembered(cwd, env);
      const logs = (await readdir(join(lake, '_runs'))).length;
      await execute(...command);
      expect(await remembered(cwd, env), command.join(' ')).toEqual(before);
      const more = (await readdir(join(lake, '_runs'))).length - logs;
      expect(more, command.join(' ')).toBe(command[0] === 'run' ? 1 : 0);
    }
  });
});

test('a rebuild without repairs writes the same bytes of silver, quarantine and gold again, and changes no row', async () => {
  const cwd = await testFolder();
  const execute = async (...argv: string[]): Promise<unknown> =>
    document(await purchases({ cwd }, ...argv, '--json'));
  const table = 'select * from customer_purchase_summary order by customer_id';
  const layers = async (): Promise<string[]> =>
    Object.entries(await digests(join(cwd, 'lake')))
      .filter(([key]) => /^(silver|quarantine|gold)\//.test(key))
      .map(([key, digest]) => `${key.replace(/version=[^/]+/, 'version')} ${digest}`);
  await execute('run', '--samples');
  const before = { layers: await layers(), rows: await execute('query', table, '--warehouse-db') };
  expect(await execute('rebuild')).toMatchObject({
    customers: { inserted: 0, updated: 0, deleted: 0 },
  });
  expect({
    layers: [...new Set(await layers())],
    rows: await execute('query', table, '--warehouse-db'),
  }).toEqual(before);
});

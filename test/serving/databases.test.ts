import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { customer } from '../../src/lake/ports/warehouse-load-rows.ts';
import { dump, dumped, load, SECOND } from '../../src/lake/ports/warehouse-fixture.ts';
import { RemoteRefused } from '../../src/errors.ts';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import { openMysql } from '../../src/warehouses/mysql/warehouse.ts';
import { openPostgres } from '../../src/warehouses/postgres/warehouse.ts';
import { selfSigned, servedWith } from '../servers/certificates.ts';
import { startMariadb } from '../servers/mariadb.ts';
import { startPostgres } from '../servers/postgres.ts';
import { PASSWORD, type TestServer } from '../servers/process.ts';
import { document, purchases } from '../support/cli.ts';
import { sharedFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const DUMP =
  'SELECT customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date FROM customer_purchase_summary ORDER BY customer_id';
const at = sharedFolder();
const [TABLES, DATABASE] = ['customer_purchase_summary', 'roles'];

let postgres: TestServer;
let mariadb: TestServer;

beforeAll(async () => {
  [postgres, mariadb] = await Promise.all([startPostgres(), startMariadb()]);
});
afterAll(() => Promise.all([postgres.stop(), mariadb.stop()]));

test('one lake produces the same table on PGlite, PostgreSQL and MariaDB, and a second run changes nothing', async () => {
  const run = (warehouse: string, ...args: string[]): ReturnType<typeof purchases> =>
    purchases({ cwd: at.folder, env: { PURCHASES_WAREHOUSE: warehouse } }, ...args, '--json');
  const dumps: unknown[] = [];
  for (const url of [
    'pglite:./pglite',
    await postgres.createDatabase('serving'),
    await mariadb.createDatabase('serving'),
  ]) {
    await run(url, 'run', '--samples');
    expect(document(await run(url, 'run', '--samples'))).toMatchObject({
      customers: { inserted: 0, updated: 0, deleted: 0 },
    });
    dumps.push(document(await run(url, 'query', DUMP, '--warehouse-db')));
  }
  expect(dumps[0]).toHaveLength(23);
  expect(dumps[1]).toEqual(dumps[0]);
  expect(dumps[2]).toEqual(dumps[0]);
});

describe.each([
  ['PostgreSQL', () => postgres, false],
  ['MariaDB', () => mariadb, true],
] as const)('migrate on %s', (_name, server, asksTheCatalog) => {
  const migrate = (database: string, ...flags: string[]): ReturnType<typeof purchases> =>
    purchases(
      { cwd: at.folder, env: { PURCHASES_WAREHOUSE: server().url(database) } },
      'migrate',
      ...flags,
    );

  test('--dry-run prints the missing migrations, numbered and named, as SQL that has the same effect when run manually', async () => {
    await server().createDatabase('by_hand');
    const { stdout: sql } = await migrate('by_hand', '--dry-run');
    expect(sql).toContain('-- 001-serving-tables: missing');
    expect(sql).toContain('CREATE TABLE IF NOT EXISTS customer_purchase_summary (');
    expect(sql.includes('PREPARE step')).toBe(asksTheCatalog);
    expect((await migrate('by_hand', '--dry-run')).stdout).toBe(sql);
    await server().sql('by_hand', sql);
    const after = (await migrate('by_hand', '--dry-run')).stdout;
    expect(after).toContain('-- 001-serving-tables: applied');
    expect(after).not.toContain('CREATE');
    expect((await migrate('by_hand')).stdout).toContain('by_hand is up to date');
  });

  test('concurrent commands apply each migration once', async () => {
    await server().createDatabase('all_at_once');
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => migrate('all_at_once', '--json')),
    );
    const applied = answers.flatMap(
      (answer) => (document(answer) as { applied: string[] }).applied,
    );
    expect(applied[0]).toBe('001-serving-tables');
    expect(new Set(applied).size).toBe(applied.length);
    expect(document(await migrate('all_at_once', '--dry-run', '--json'))).toMatchObject({
      dry_run: true,
      migrations: applied.map((name) => ({ name, applied: true })),
    });
    expect(answers.map(({ stdout }) => stdout).join('')).not.toContain(
      encodeURIComponent(PASSWORD),
    );
  });
});

/** The grants come from the documentation, so this also checks that the documented grants work. */
async function documented(
  role: 'loader' | 'reader',
  database: 'postgres' | 'mysql',
): Promise<string> {
  const page = await readFile(new URL('../../docs/serving-databases.md', import.meta.url), 'utf8');
  const block = new RegExp(`<!-- ${role} ${database} -->\\n+\`\`\`sql\\n(.*?)\`\`\``, 's').exec(
    page,
  );
  if (block?.[1] === undefined) throw new Error(`no grants of ${database} are documented`);
  return block[1].replaceAll('serving', DATABASE).replaceAll('a password', PASSWORD);
}

describe.each([
  ['PostgreSQL', 'postgres', () => postgres, openPostgres],
  ['MariaDB', 'mysql', () => mariadb, openMysql],
] as const)('the documented loader role of %s', (_name, kind, server, open) => {
  const warehouseOf = (user?: string): Warehouse =>
    open({ url: server().url(DATABASE, user), random: Math.random });
  beforeAll(async () => {
    await server().createDatabase(DATABASE);
    await warehouseOf().migrate();
    await server().sql(DATABASE, await documented('loader', kind));
    await server().sql(DATABASE, await documented('reader', kind));
  });

  test('loads, and applies the rows of other writers', async () => {
    const loader = warehouseOf('purchases_loader');
    expect(await loader.migrate()).toEqual([]);
    await load(loader, [customer(1), customer(2)]);
    await server().sql(
      DATABASE,
      `INSERT INTO ${TABLES}_staging (customer_id, total_spent_aud) VALUES (3, 1)`,
    );
    expect(await load(loader, [customer(1, '5.00')], SECOND)).toMatchObject({
      outcome: 'applied',
      foreign: 1,
      updated: 1,
    });
    expect((await dump(loader)).slice(0, 2)).toEqual(dumped([customer(1, '5.00'), customer(2)]));
  });

  test('has a second login that can query and cannot write', async () => {
    const env = {
      PURCHASES_WAREHOUSE: server().url(DATABASE),
      PURCHASES_WAREHOUSE_READER: server().url(DATABASE, 'purchases_reader'),
    };
    const asked = await purchases(
      { cwd: at.folder, env },
      'query',
      `SELECT current_user, count(*) AS n FROM ${TABLES} GROUP BY 1`,
      '--warehouse-db',
      '--json',
    );
    expect(Object.values((document(asked) as Record<string, string>[])[0] ?? {})).toEqual([
      expect.stringMatching(/^purchases_reader/),
      '3',
    ]);
    const session = await server().session(DATABASE, 'purchases_reader');
    await expect(session.sql(`DELETE FROM ${TABLES}`)).rejects.toThrow(/denied/);
    await session.end();
  });

  test.each([
    `DROP TABLE ${TABLES}`,
    `TRUNCATE TABLE ${TABLES}`,
    `ALTER TABLE ${TABLES} ADD COLUMN more INT`,
    'CREATE TABLE more (n INT)',
  ])('may not say %s', async (statement) => {
    const session = await server().session(DATABASE, 'purchases_loader');
    await expect(session.sql(statement)).rejects.toThrow(/denied|must be owner/);
    await session.end();
  });
});

test.each([
  ['PostgreSQL', () => postgres, openPostgres],
  ['MariaDB', () => mariadb, openMysql],
] as const)(
  'a %s server without TLS is named as such, and nothing is sent to it',
  async (_name, server, open) => {
    const url = `${server().url('serving').replace('127.0.0.1', 'localhost')}?sslmode=verify-full`;
    const asked = open({ url, random: Math.random }).state();
    await expect(asked).rejects.toThrow(RemoteRefused);
    await expect(asked).rejects.toMatchObject({
      exitCode: 6,
      message: expect.stringMatching(/localhost:\d+\/serving speaks no TLS/),
      hint: expect.stringContaining('sslmode=disable'),
    });
  },
);

describe.each([
  ['PostgreSQL', openPostgres, startPostgres],
  ['MariaDB', openMysql, startMariadb],
] as const)('TLS to %s', (name, open, start) => {
  let server: TestServer;
  let certificates: string;
  const stateAt = (host: string, parameters: string): Promise<unknown> => {
    const url = server.url(name === 'MariaDB' ? 'mysql' : 'postgres').replace('127.0.0.1', host);
    return open({ url: `${url}?${parameters}`, random: Math.random }).query('SELECT 1 AS one');
  };

  beforeAll(async () => {
    certificates = join(at.folder, name);
    await selfSigned(certificates);
    server = await start(servedWith(name, certificates));
  });
  afterAll(() => server.stop());

  test('is verified against the named authorities', async () => {
    const known = `sslmode=verify-full&sslrootcert=${join(certificates, 'server.crt')}`;
    expect(await stateAt('localhost', known)).toMatchObject({ rows: [['1']] });
  });

  test('applies to the temporary login of a query as well', async () => {
    const database = name === 'MariaDB' ? 'asked' : 'postgres';
    if (name === 'MariaDB') await server.createDatabase(database);
    const url = `${server.url(database).replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${join(certificates, 'server.crt')}`;
    await open({ url, random: Math.random }).migrate();
    const encrypted =
      name === 'MariaDB'
        ? `SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'ssl_cipher'`
        : 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    const env = { PURCHASES_WAREHOUSE: url };
    const asked = await purchases(
      { cwd: at.folder, env },
      'query',
      `SELECT current_user AS who, (${encrypted}) AS encrypted`,
      '--warehouse-db',
      '--json',
    );
    expect(document(asked)).toEqual([
      {
        who: expect.stringMatching(/^purchases_query_/),
        encrypted: expect.stringMatching(/^[t1]$/),
      },
    ]);
  });

  test('rejects a server whose certificate has no trusted authority, unless configured not to', async () => {
    await expect(stateAt('localhost', 'sslmode=verify-full')).rejects.toThrow(/self-signed/);
    expect(await stateAt('localhost', 'sslmode=require')).toMatchObject({ rows: [['1']] });
  });

  test.each(['127.0.0.1', '127.1'])('refuses a certificate of another name (%s)', async (host) => {
    const known = `sslmode=verify-full&sslrootcert=${join(certificates, 'server.crt')}`;
    await expect(stateAt(host, known)).rejects.toThrow(
      /does not match|altnames|no name that its certificate/,
    );
  });
});

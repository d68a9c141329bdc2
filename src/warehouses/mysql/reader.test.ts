import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { startMariadb } from '../../../test/servers/mariadb.ts';
import { PASSWORD, type TestServer } from '../../../test/servers/process.ts';
import { QueryRefused, RemoteFailed } from '../../errors.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import { load, MAIN } from '../../lake/ports/warehouse-fixture.ts';
import { readAll, readerConformance } from '../../lake/ports/warehouse-reader.conformance.ts';
import type { WarehouseReader } from '../../lake/ports/warehouse-reader.ts';
import { accountName } from '../server/reader-account.ts';
import { openMysql } from './warehouse.ts';
import { mysqlReader } from './reader.ts';

const [DATABASE, MADE] = ['reading', '/tmp/purchases-query-made'];
/** 1 to 3000. Recursion ends at a thousand. */
const TEN = [...'0123456789'].map((n) => `SELECT ${n} AS n`).join(' UNION ALL ');
const SERIES = `SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 1 AS n
FROM (${TEN}) AS a, (${TEN}) AS b, (${TEN}) AS c, (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) AS d
ORDER BY 1`;
const newSecret = (): string => randomBytes(32).toString('hex');
let server: TestServer;

const readerAs = (user?: string, isReader = false): WarehouseReader =>
  mysqlReader({ url: server.url(DATABASE, user), random: Math.random, newSecret, isReader });
const ask = async (sql: string, user?: string): Promise<(string | null)[][]> =>
  (await readAll(readerAs(user), sql)).rows;

async function state(): Promise<unknown> {
  const of = (sql: string): Promise<unknown> => server.sql(DATABASE, sql);
  return [
    await of(`SELECT * FROM ${MAIN}`),
    await of('SELECT * FROM precious'),
    await of('SELECT next_not_cached_value FROM counter'),
    await of('SHOW TABLES'),
    await of('SELECT user, host FROM mysql.user ORDER BY user, host'),
    await of('SELECT * FROM mysql.tables_priv ORDER BY user, table_name'),
  ];
}

beforeAll(async () => {
  server = await startMariadb();
  const url = await server.createDatabase(DATABASE);
  const warehouse = openMysql({ url, random: Math.random });
  await warehouse.migrate();
  await load(warehouse, [customer(1, '12.30')]);
  await server.sql(
    DATABASE,
    `CREATE TABLE precious (n INT) ENGINE = Aria; INSERT INTO precious VALUES (7); CREATE SEQUENCE counter;
     CREATE FUNCTION writes() RETURNS INT SQL SECURITY DEFINER
       BEGIN INSERT INTO precious VALUES (1); RETURN 1; END;
     CREATE USER table_owner IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON ${DATABASE}.* TO table_owner;
     CREATE USER analyst IDENTIFIED BY '${PASSWORD}'; GRANT SELECT ON ${DATABASE}.* TO analyst;
     CREATE USER files IDENTIFIED BY '${PASSWORD}'; GRANT FILE ON *.* TO files; GRANT SELECT ON ${DATABASE}.* TO files;
     CREATE ROLE powers; GRANT FILE ON *.* TO powers;
     CREATE USER roles IDENTIFIED BY '${PASSWORD}'; GRANT SELECT ON ${DATABASE}.* TO roles;
     GRANT powers TO roles; SET DEFAULT ROLE powers FOR roles`,
  );
}, 60_000);
afterAll(() => server.stop());

for (const [name, user] of [
  ['MariaDB, as an administrator,', undefined],
  ['MariaDB, as the owner of the tables,', 'table_owner'],
] as const)
  readerConformance(name, () => Promise.resolve({ reader: readerAs(user), state }), SERIES);

const ATTACKS = [
  `SELECT 1 INTO OUTFILE '${MADE}'`,
  `SELECT 1 INTO DUMPFILE '${MADE}'`,
  `(SELECT 1) INTO OUTFILE '${MADE}'`,
  `SELECT 1 INTO OUTFILE '${MADE}' FROM ${MAIN}`,
  `SELECT 1 UNION SELECT 2 INTO OUTFILE '${MADE}'`,
  `SELECT 1 /*! INTO OUTFILE '${MADE}' */`,
  `SELECT 1 /*M! INTO OUTFILE '${MADE}' */`,
  `SELECT 1 /*!50000 INTO OUTFILE '${MADE}' */`,
  `SELECT 1 /*!99999 */ INTO OUTFILE '${MADE}'`,
  `SELECT 1 INTO OUTFILE '${MADE}' -- `,
  `SELECT 1 INTO OUTFILE '${MADE}' #`,
  `SELECT 1 INTO OUTFILE '${MADE}' /*`,
  `SELECT 1 INTO OUTFILE '${MADE}' /*!`,
  `SELECT 1) AS a, (SELECT 2 INTO OUTFILE '${MADE}'`,
  `SELECT 1) INTO OUTFILE '${MADE}' -- `,
  `SELECT 1 AS a INTO @made`,
  'SELECT 1 /*!',
  `SELECT 1\u0000; DROP TABLE precious`,
  `SELECT 1; DROP TABLE precious`,
  `DELIMITER //\nSELECT 1//`,
  `SELECT * FROM ${MAIN} PROCEDURE ANALYSE()`,
  'SELECT writes()',
  'SELECT nextval(counter)',
  'SELECT setval(counter, 99)',
  'SELECT NEXT VALUE FOR counter',
  'SET STATEMENT max_statement_time = 0 FOR SELECT 1',
  "EXECUTE IMMEDIATE 'DROP TABLE precious'",
  'HANDLER precious OPEN',
  "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE precious",
  'ANALYZE SELECT 1',
  'KILL 1',
  'SELECT ?',
];

describe.each([
  ['an administrator', undefined],
  ['the owner of the tables', 'table_owner'],
] as const)('as %s', (_name, user) => {
  test.each(ATTACKS)('leaves no effect of %s', async (sql) => {
    const before = await state();
    await expect(ask(sql, user)).rejects.toThrow(QueryRefused);
    expect(await state()).toEqual(before);
    expect(existsSync(MADE)).toBe(false);
  });

  test('files are not read, and locks end with the query', async () => {
    expect(await ask(`SELECT LOAD_FILE('/etc/passwd')`, user)).toEqual([[null]]);
    expect(await ask(`SELECT GET_LOCK('made', 1)`, user)).toEqual([['1']]);
    await vi.waitFor(async () =>
      expect(await server.sql(DATABASE, `SELECT IS_USED_LOCK('made') AS used`)).toEqual([
        { used: null },
      ]),
    );
  });
});

describe('a query of an administrator', () => {
  test('runs as its own login, which may read the tables of the pipeline and no others', async () => {
    expect(await ask('SELECT CURRENT_USER()')).toEqual([
      [expect.stringMatching(/^purchases_query_[0-9a-f]{8}_[0-9a-f]{7}@127\.0\.0\.1$/)],
    ]);
    await expect(ask('SELECT * FROM precious')).rejects.toThrow(/denied/);
    await expect(ask('SELECT * FROM mysql.user')).rejects.toThrow(/denied/);
  });

  test('drops logins that a killed process left behind, but none that is in use or recent', async () => {
    const [old, used, young] = [1000, 1001, Math.floor(Date.now() / 1000)].map((made, n) =>
      accountName(made, `${n}`.repeat(7)),
    );
    await server.sql(
      DATABASE,
      `CREATE USER ${old}@'10.0.0.1'; CREATE USER ${young}@'10.0.0.1';
       CREATE USER ${used}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'; GRANT SELECT ON ${DATABASE}.* TO ${used}@'127.0.0.1'`,
    );
    const session = await server.session(DATABASE, used);
    await ask('SELECT 1');
    const left = await server.sql(
      DATABASE,
      `SELECT user FROM mysql.user WHERE user LIKE 'purchases\\_query%' ORDER BY user`,
    );
    expect(left.map((row) => Object.values(row)[0])).toEqual([used, young]);
    await session.end();
    await server.sql(DATABASE, `DROP USER ${used}@'127.0.0.1', ${young}@'10.0.0.1'`);
  });

  test('is stopped by a signal, its statement ends and its login goes', async () => {
    const stop = new AbortController();
    const running = (async () => {
      for await (const _ of readerAs().ask('SELECT SLEEP(60)', stop.signal));
    })();
    void setTimeout(1000).then(() => stop.abort(new Error('stopped')));
    await expect(running).rejects.toThrow('stopped');
    const left = "SELECT user FROM mysql.user WHERE user LIKE 'purchases%'";
    expect(await server.sql(DATABASE, left)).toEqual([]);
    const busy = `SELECT id FROM information_schema.processlist WHERE user LIKE 'purchases%' AND info IS NOT NULL`;
    await vi.waitFor(async () => expect(await server.sql(DATABASE, busy)).toEqual([]));
  });

  test('whose connection is lost fails, and is never taken for a complete result', async () => {
    const running = ask(`SELECT n, SLEEP(0.01) FROM (${SERIES}) AS numbers`);
    const failure = running.catch((error: unknown) => error);
    await setTimeout(1500);
    const [row] = await server.sql(
      DATABASE,
      `SELECT id FROM information_schema.processlist WHERE user LIKE 'purchases%'`,
    );
    await server.sql(DATABASE, `KILL ${String(Object.values(row ?? {})[0])}`);
    expect(await failure).toBeInstanceOf(RemoteFailed);
  });
});

describe('another login', () => {
  test.each(['files', 'roles'])(
    'that could read files is refused, with the remedy: %s',
    async (user) => {
      await expect(ask('SELECT 1', user)).rejects.toThrow(/has the privilege FILE/);
      await expect(ask('SELECT 1', user)).rejects.toMatchObject({
        hint: expect.stringContaining('PURCHASES_WAREHOUSE_READER'),
      });
    },
  );

  test('that may only read is used as it is', async () => {
    expect(await ask('SELECT CURRENT_USER()', 'analyst')).toEqual([['analyst@%']]);
  });

  test('that was configured for reading is used, and refused if it is too powerful', async () => {
    const { rows } = await readAll(readerAs('analyst', true), 'SELECT CURRENT_USER()');
    expect(rows).toEqual([['analyst@%']]);
    await expect(readAll(readerAs(undefined, true), 'SELECT 1')).rejects.toThrow(
      /has the privilege ALL PRIVILEGES/,
    );
  });
});

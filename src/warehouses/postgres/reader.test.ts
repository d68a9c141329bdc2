import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { PASSWORD, type TestServer } from '../../../test/servers/process.ts';
import { startPostgres } from '../../../test/servers/postgres.ts';
import { QueryRefused } from '../../errors.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import { load, MAIN } from '../../lake/ports/warehouse-fixture.ts';
import { readAll, readerConformance } from '../../lake/ports/warehouse-reader.conformance.ts';
import type { WarehouseReader } from '../../lake/ports/warehouse-reader.ts';
import { accountName } from '../server/reader-account.ts';
import { openPostgres } from './warehouse.ts';
import { postgresReader } from './reader.ts';

const [DATABASE, OWNED, MADE] = ['read', 'owned', '/tmp/purchases-query-made'];
const newSecret = (): string => randomBytes(32).toString('hex');
let server: TestServer;

const readerAs = (user?: string, isReader = false, database = DATABASE): WarehouseReader =>
  postgresReader({ url: server.url(database, user), random: Math.random, newSecret, isReader });
const ask = async (sql: string, user?: string): Promise<(string | null)[][]> =>
  (await readAll(readerAs(user), sql)).rows;

/** Every trace that a statement could have left in the server. */
const stateOf = (database: string): Promise<unknown> =>
  server.sql(
    database,
    `SELECT
       (SELECT json_agg(m) FROM ${MAIN} AS m) AS rows,
       (SELECT json_agg(t) FROM precious AS t) AS precious,
       (SELECT last_value FROM counter) AS counter,
       (SELECT count(*) FROM pg_class) AS relations,
       (SELECT json_agg(rolname ORDER BY rolname) FROM pg_roles) AS roles,
       (SELECT json_agg(relacl ORDER BY oid) FROM pg_class WHERE relname LIKE 'customer%') AS grants,
       (SELECT count(*) FROM pg_replication_slots) AS slots,
       (SELECT count(*) FROM pg_largeobject_metadata) AS objects`,
  );

beforeAll(async () => {
  server = await startPostgres();
  await server.sql(
    'postgres',
    `CREATE ROLE table_owner LOGIN PASSWORD '${PASSWORD}';
     CREATE ROLE writes_files LOGIN PASSWORD '${PASSWORD}' IN ROLE pg_write_server_files;
     CREATE ROLE replicates LOGIN PASSWORD '${PASSWORD}' REPLICATION;
     CREATE ROLE administrators SUPERUSER;
     CREATE ROLE administrator LOGIN PASSWORD '${PASSWORD}' NOINHERIT IN ROLE administrators;
     CREATE ROLE reads LOGIN PASSWORD '${PASSWORD}';
     CREATE ROLE makes_logins LOGIN PASSWORD '${PASSWORD}' CREATEROLE`,
  );
  for (const [database, owner] of [
    [DATABASE, undefined],
    [OWNED, 'table_owner'],
  ] as const) {
    await server.createDatabase(database);
    await server.sql(database, `GRANT ALL ON SCHEMA public TO table_owner`);
    const warehouse = openPostgres({ url: server.url(database, owner), random: Math.random });
    await warehouse.migrate();
    await load(warehouse, [customer(1, '12.30')]);
    await server.sql(
      database,
      `CREATE EXTENSION dblink; CREATE EXTENSION adminpack;
       CREATE TABLE precious (n INT); INSERT INTO precious VALUES (7); CREATE SEQUENCE counter;
       CREATE FUNCTION writes() RETURNS INT LANGUAGE plpgsql SECURITY DEFINER AS
         'BEGIN INSERT INTO precious VALUES (1); RETURN 1; END';
       ALTER TABLE precious OWNER TO ${owner ?? 'owner'}; ALTER SEQUENCE counter OWNER TO ${owner ?? 'owner'};
       GRANT SELECT ON ${MAIN} TO reads, writes_files`,
    );
  }
}, 60_000);
afterAll(() => server.stop());

for (const [name, database, user] of [
  ['PostgreSQL, as a superuser,', DATABASE, undefined],
  ['PostgreSQL, as the owner of the tables,', OWNED, 'table_owner'],
] as const)
  readerConformance(
    name,
    () =>
      Promise.resolve({
        reader: readerAs(user, false, database),
        state: () => stateOf(database),
      }),
    'SELECT generate_series(1, 3000) AS n',
  );

/**
 * Statements that are one SELECT with functions that do more. Within XML, a text is a statement.
 */
const inXml = (statement: string): string =>
  `query_to_xml('${statement.replaceAll("'", "''")}', true, true, '')`;
const ATTACKS = [
  `SELECT set_config('role', 'none', true), ${inXml(`select pg_read_file('/etc/hostname')`)}`,
  `SELECT set_config('session_authorization', 'owner', true), ${inXml('select 1')}`,
  `SELECT set_config('transaction_read_only', 'off', false), ${inXml('insert into precious values (1)')}`,
  `SELECT ${inXml(`copy precious to program 'touch ${MADE}'`)}`,
  `SELECT ${inXml(`copy (select 1) to '${MADE}'`)}`,
  `SELECT ${inXml('drop table precious')}`,
  `SELECT ${inXml('delete from precious')}`,
  `SELECT ${inXml(`do $x$ begin execute 'reset role'; end $x$`)}`,
  `SELECT ts_stat('select ${inXml('drop table precious').replaceAll("'", "''")}::text::tsvector')`,
  `SELECT cursor_to_xml('answer', 10, true, true, '')`,
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT pg_read_binary_file('/etc/passwd')",
  "SELECT pg_ls_dir('/')",
  "SELECT pg_stat_file('/etc/passwd')",
  'SELECT pg_ls_waldir()',
  `SELECT pg_file_write('${MADE}', 'made', false)`,
  "SELECT pg_file_unlink('postgresql.auto.conf')",
  "SELECT lo_import('/etc/passwd')",
  `SELECT lo_export(1, '${MADE}')`,
  "SELECT dblink('dbname=read user=owner', 'drop table precious')",
  "SELECT dblink_exec('host=127.0.0.1 dbname=read user=owner', 'drop table precious')",
  'SELECT writes()',
  "SELECT nextval('counter')",
  "SELECT setval('counter', 99)",
  'SELECT pg_terminate_backend(pid) FROM pg_stat_activity',
  'SELECT pg_cancel_backend(pid) FROM pg_stat_activity',
  'SELECT pg_reload_conf()',
  'SELECT pg_rotate_logfile()',
  'SELECT pg_switch_wal()',
  'SELECT pg_promote()',
  "SELECT pg_backup_start('made')",
  "SELECT pg_create_restore_point('made')",
  "SELECT pg_create_physical_replication_slot('made', true)",
  "SELECT pg_create_logical_replication_slot('made', 'pgoutput')",
  "SELECT pg_replication_origin_create('made')",
  'SELECT pg_stat_reset()',
  "SELECT customer_purchase_fill('made')",
  "SELECT customer_purchase_clear('made')",
  "SELECT pg_import_system_collations('public')",
  'SELECT rolpassword FROM pg_authid',
  'SELECT * FROM pg_shadow',
  'SELECT * FROM pg_hba_file_rules',
  'WITH gone AS (DELETE FROM precious RETURNING 1) SELECT * FROM gone',
  `COPY precious TO '${MADE}'`,
  `SELECT 1) TO '${MADE}`,
  'FETCH ALL FROM answer',
  'SELECT $1',
];

describe.each([
  ['a superuser', DATABASE, undefined],
  ['the owner of the tables', OWNED, 'table_owner'],
] as const)('as %s', (_name, database, user) => {
  test.each(ATTACKS)('leaves no effect of %s', async (sql) => {
    const before = await stateOf(database);
    await expect(readAll(readerAs(user, false, database), sql)).rejects.toThrow(QueryRefused);
    expect(await stateOf(database)).toEqual(before);
    expect(existsSync(MADE)).toBe(false);
  });

  test.each([
    'SELECT lo_create(0)',
    "SELECT lo_from_bytea(0, 'made')",
    'SELECT pg_advisory_lock(8103508875801621349)',
    "SELECT pg_notify('made', 'made')",
    "SELECT set_config('search_path', 'pg_temp', false), set_config('statement_timeout', '0', false)",
    'SELECT customer_purchase_analyze_staging()',
  ])('leaves no trace of %s', async (sql) => {
    const before = await stateOf(database);
    await readAll(readerAs(user, false, database), sql);
    expect(await stateOf(database)).toEqual(before);
  });
});

describe('a query of a superuser', () => {
  test('runs as its own login, which may read the tables of the pipeline and no others', async () => {
    const [[current, session] = []] = await ask('SELECT current_user, session_user');
    expect(current).toMatch(/^purchases_query_[0-9a-f]{8}_[0-9a-f]{7}$/);
    expect(session).toBe(current);
    await expect(ask('SELECT * FROM precious')).rejects.toThrow(/permission denied/);
    const [attributes] = await ask(
      'SELECT rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolconnlimit FROM pg_roles WHERE rolname = session_user',
    );
    expect(attributes).toEqual(['f', 'f', 'f', 'f', 'f', 'f', '1']);
  });

  test('finds the tables in the search path of the login', async () => {
    await server.sql('postgres', 'CREATE DATABASE elsewhere');
    await server.sql(
      'elsewhere',
      `CREATE SCHEMA "odd ""name"; ALTER DATABASE elsewhere SET search_path = "odd ""name"; REVOKE CONNECT ON DATABASE elsewhere FROM PUBLIC`,
    );
    const url = server.url('elsewhere');
    await openPostgres({ url, random: Math.random }).migrate();
    const reader = postgresReader({ url, random: Math.random, newSecret });
    expect((await readAll(reader, `SELECT count(*) FROM ${MAIN}`)).rows).toEqual([['0']]);
    expect(
      await server.sql('elsewhere', "SELECT FROM pg_roles WHERE rolname LIKE 'purchases%'"),
    ).toEqual([]);
  });

  test('does not disturb other queries that run at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 6 }, () => ask(`SELECT count(*) FROM ${MAIN}`)),
    );
    expect(results).toEqual(results.map(() => [['1']]));
  });

  test('drops logins that a killed process left behind, but none that is in use or recent', async () => {
    const [old, used, young] = [1, 2, 3].map((n) => accountName(1000 + n, `${n}`.repeat(7)));
    const past = "VALID UNTIL '2020-01-01'";
    await server.sql(
      DATABASE,
      `CREATE ROLE ${old} LOGIN ${past}; GRANT SELECT ON ${MAIN} TO ${old};
       CREATE ROLE ${used} LOGIN PASSWORD '${PASSWORD}';
       CREATE ROLE ${young} LOGIN VALID UNTIL 'infinity';
       CREATE ROLE purchases_query_of_mine LOGIN ${past}`,
    );
    const session = await server.session(DATABASE, used);
    await server.sql(DATABASE, `ALTER ROLE ${used} ${past}`);
    await ask('SELECT 1');
    const left = await server.sql(
      DATABASE,
      `SELECT rolname FROM pg_roles WHERE rolname LIKE 'purchases%' ORDER BY rolname`,
    );
    expect(left.map(({ rolname }) => rolname)).toEqual([used, young, 'purchases_query_of_mine']);
    await session.end();
    await server.sql(DATABASE, `DROP ROLE ${used}, ${young}, purchases_query_of_mine`);
  });

  test('is stopped by a signal, and its login goes', async () => {
    const stop = new AbortController();
    const running = (async () => {
      for await (const _ of readerAs().ask('SELECT pg_sleep(60)', stop.signal));
    })();
    setTimeout(() => stop.abort(new Error('stopped')), 1000);
    await expect(running).rejects.toThrow('stopped');
    expect(
      await server.sql(DATABASE, "SELECT FROM pg_roles WHERE rolname LIKE 'purchases%'"),
    ).toEqual([]);
  });
});

describe('another login', () => {
  test.each([
    ['writes_files', /is a member of pg_write_server_files/],
    ['administrator', /is a member of administrators/],
    ['replicates', /may replicate/],
  ])('that could do more than read is refused, with the remedy: %s', async (user, why) => {
    await expect(ask('SELECT 1', user)).rejects.toThrow(why);
    await expect(ask('SELECT 1', user)).rejects.toMatchObject({
      hint: expect.stringContaining('PURCHASES_WAREHOUSE_READER'),
    });
  });

  test('that may only read is used as it is', async () => {
    expect(await ask('SELECT session_user', 'reads')).toEqual([['reads']]);
    expect(await ask(`SELECT count(*) FROM ${MAIN}`, 'reads')).toEqual([['1']]);
  });

  test('that may create logins, but not grant them the tables, is used as it is', async () => {
    expect(await ask('SELECT session_user', 'makes_logins')).toEqual([['makes_logins']]);
  });

  test('that was configured for reading is used, and refused if it is too powerful', async () => {
    const { rows } = await readAll(readerAs('reads', true), 'SELECT session_user');
    expect(rows).toEqual([['reads']]);
    await expect(readAll(readerAs(undefined, true), 'SELECT 1')).rejects.toThrow(/is a superuser/);
  });
});

test('if the server admits no new login, a superuser is refused and nothing is left', async () => {
  const path = join(server.folder, 'data', 'pg_hba.conf');
  const rules = await readFile(path, 'utf8');
  await writeFile(path, 'host all owner,reads 127.0.0.1/32 scram-sha-256\n');
  await server.sql('postgres', 'SELECT pg_reload_conf()');
  try {
    await expect(ask('SELECT 1')).rejects.toThrow(/is a superuser.*does not admit it.*pg_hba/);
    expect(
      await server.sql('postgres', "SELECT FROM pg_roles WHERE rolname LIKE 'purchases%'"),
    ).toEqual([]);
  } finally {
    await writeFile(path, rules);
    await server.sql('postgres', 'SELECT pg_reload_conf()');
  }
});

test('a server that is read-only creates no login: a superuser is refused, a harmless login reads', async () => {
  await server.sql('postgres', `ALTER DATABASE ${DATABASE} SET default_transaction_read_only = on`);
  try {
    await expect(ask('SELECT 1')).rejects.toThrow(/the server is read-only/);
    expect(await ask('SELECT session_user', 'reads')).toEqual([['reads']]);
  } finally {
    const undo = `ALTER DATABASE ${DATABASE} RESET default_transaction_read_only`;
    await server.sql('postgres', undo);
  }
});

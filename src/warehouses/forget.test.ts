import { PGlite } from '@electric-sql/pglite';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { startMariadb } from '../../test/servers/mariadb.ts';
import { startPostgres } from '../../test/servers/postgres.ts';
import { PASSWORD, type TestServer } from '../../test/servers/process.ts';
import { remains } from '../../test/support/remains.ts';
import { customer, type LoadRow, vanished } from '../lake/ports/warehouse-load-rows.ts';
import { dump, load, SECOND, STAGING } from '../lake/ports/warehouse-fixture.ts';
import { openMysql } from './mysql/warehouse.ts';
import { lockDatabase } from '../stores/filesystem/lock.ts';
import { openPglite } from './pglite/pglite.ts';
import { openPostgres } from './postgres/warehouse.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ZOE: LoadRow = [
  7,
  'Zoe Erased',
  'zoe.erased@example.com',
  '7.00',
  '2026-01-01',
  '2026-01-31',
  'upsert',
];
const OTHERS = Array.from({ length: 60 }, (_, index) => customer(index + 100));
const GONE = [vanished(7)];
const STATISTICS = `SELECT tablename, attname FROM pg_stats
  WHERE concat(most_common_vals::text, histogram_bounds::text) ~* 'zoe'`;

describe('on PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  /**
   * A database whose planner statistics hold Zoe's values, in both tables, and from which she was
   * deleted.
   */
  async function databaseKnowing(name: string, others: LoadRow[]): Promise<string> {
    const url = await server.createDatabase(name);
    const warehouse = openPostgres({ url, random: Math.random });
    await warehouse.migrate();
    await load(warehouse, [ZOE, ...others]);
    await server.sql(
      name,
      `INSERT INTO ${STAGING} (customer_id, full_name, email, load_id)
         SELECT n, 'Zoe Erased', 'zoe.erased@example.com', 'killed' FROM generate_series(1, 9) AS n;
       CREATE STATISTICS both_texts (mcv) ON full_name, email FROM customer_purchase_summary;
       ANALYZE ${STAGING}; ANALYZE customer_purchase_summary; DELETE FROM ${STAGING}`,
    );
    expect(await server.sql(name, STATISTICS)).not.toEqual([]);
    await load(warehouse, GONE, SECOND);
    return url;
  }

  test.each([
    ['with_others', OTHERS],
    ['without_others', []],
  ])('the planner’s statistics hold no values of a deleted customer, %s', async (name, others) => {
    const warehouse = openPostgres({
      url: await databaseKnowing(name, others),
      random: Math.random,
    });
    const rows = await dump(warehouse);
    const kept = await warehouse.forget();
    expect(await server.sql(name, STATISTICS)).toEqual([]);
    const extended = `SELECT stxdmcv::text FROM pg_statistic_ext_data WHERE encode(stxdmcv::bytea, 'escape') ~* 'zoe'`;
    expect(await server.sql(name, extended).catch(() => [])).toEqual([]);
    expect(await dump(warehouse)).toEqual(rows);
    expect(await server.sql(name, `SELECT FROM ${STAGING}`)).toEqual([]);
    const dead = `SELECT sum(pg_stat_get_dead_tuples(oid))::int AS dead FROM pg_class WHERE relname LIKE 'customer_purchase_summary%' AND relkind = 'r'`;
    expect(await server.sql(name, dead)).toEqual([{ dead: 0 }]);
    const texts = kept.map(({ what, until }) => `${what}: ${until}`);
    expect(texts).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/free space.*pages/),
        expect.stringMatching(/write-ahead log: .*checkpoints \(every 5min, up to 1GB of log\)/),
        expect.stringMatching(/backups/),
      ]),
    );
    expect(JSON.stringify(kept)).not.toMatch(/zoe/i);
  });

  test('data kept by an open transaction, an archive and a replication slot are reported', async () => {
    const url = await databaseKnowing('kept', OTHERS);
    const reader = await server.session('kept');
    await server.sql('kept', `INSERT INTO customer_purchase_summary (customer_id) VALUES (5)`);
    await reader.sql('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class');
    await server.sql('kept', `DELETE FROM customer_purchase_summary WHERE customer_id = 5`);
    await server.sql('kept', `SELECT pg_create_physical_replication_slot('standby', true)`);
    const kept = await openPostgres({ url, random: Math.random }).forget();
    await reader.sql('COMMIT');
    await reader.end();
    await server.sql('kept', `SELECT pg_drop_replication_slot('standby')`);
    expect(kept.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^\d+ versions of deleted rows/),
    );
    expect(kept.map(({ until }) => until)).toContainEqual(
      expect.stringMatching(/replication slots standby have passed it/),
    );
  });

  test('a login that owns nothing names the tables, and the statement for their owner', async () => {
    await databaseKnowing('loaded', OTHERS);
    await server.sql(
      'loaded',
      `CREATE ROLE loader LOGIN PASSWORD '${PASSWORD}';
       GRANT SELECT, INSERT, UPDATE, DELETE ON customer_purchase_summary, ${STAGING} TO loader`,
    );
    const url = server.url('loaded', 'loader');
    const [first] = await openPostgres({ url, random: Math.random }).forget();
    expect(first?.what).toMatch(
      /deleted rows of customer_purchase_summary_staging and customer_purchase_summary.*pg_stats/,
    );
    const statements = /^as the owner of the tables: (.*)$/.exec(first?.remedy ?? '')?.[1] ?? '';
    const owner = await server.session('loaded');
    for (const statement of statements.split('; ')) await owner.sql(statement);
    await owner.end();
    expect(await server.sql('loaded', STATISTICS)).toEqual([]);
  });
});

describe('on MariaDB', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startMariadb(() => Promise.resolve({ 'log-bin': 'ON', 'server-id': '1' }));
  });
  afterAll(() => server.stop());

  test.each([
    ['with_others', OTHERS],
    ['without_others', []],
  ])('statistics of columns hold no values of a deleted customer, %s', async (name, others) => {
    const url = await server.createDatabase(name);
    const warehouse = openMysql({ url, random: Math.random });
    await warehouse.migrate();
    await load(warehouse, [ZOE, ...others]);
    const values = `SELECT column_name FROM mysql.column_stats WHERE db_name = '${name}'
      AND LOWER(CONCAT_WS(' ', min_value, max_value, CONVERT(histogram USING utf8mb4))) LIKE '%zoe%'`;
    await server.sql(name, 'ANALYZE TABLE customer_purchase_summary PERSISTENT FOR ALL');
    expect(await server.sql(name, values)).not.toEqual([]);
    await load(warehouse, GONE, SECOND);
    const kept = await warehouse.forget();
    expect(await server.sql(name, values)).toEqual([]);
    const texts = kept.map(({ what, until }) => `${what}: ${until}`);
    expect(texts).toContainEqual(expect.stringMatching(/^bytes of deleted rows in the undo log/));
    expect(texts).toContainEqual(expect.stringMatching(/^the binary log, whose files do not/));
    await server.sql(name, 'SET GLOBAL binlog_expire_logs_seconds = 86400');
    const until = (await warehouse.forget()).map((kind) => kind.until);
    await server.sql(name, 'SET GLOBAL binlog_expire_logs_seconds = 0');
    expect(until).toContain('its files expire, 1 days after they were written');
  });

  test('a login that may not read them reports so, with the statement for an administrator', async () => {
    await server.sql(
      'with_others',
      `CREATE USER loader IDENTIFIED BY '${PASSWORD}'; GRANT SELECT, DELETE ON with_others.* TO loader`,
    );
    const url = server.url('with_others', 'loader');
    const [first] = await openMysql({ url, random: Math.random }).forget();
    expect(first?.what).toMatch(/mysql.column_stats.*may not read it/);
    expect(first?.remedy).toContain('ANALYZE TABLE customer_purchase_summary PERSISTENT FOR ALL');
  });
});

test('an embedded database keeps nothing, not even of its only customer', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'forget-'));
  const seed = join(scratch, 'seed.tar.gz');
  const template = await PGlite.create();
  await writeFile(seed, Buffer.from(await (await template.dumpDataDir('gzip')).arrayBuffer()));
  await template.close();
  const folder = join(scratch, 'database');
  const warehouse = await openPglite({
    folder,
    seed,
    lock: (path) => lockDatabase(path, { command: 'a test', now: new Date() }),
  });
  await warehouse.migrate();
  await load(warehouse, [ZOE]);
  await load(warehouse, GONE, SECOND);
  expect(await warehouse.forget()).toEqual([]);
  await warehouse.close();
  expect(await remains(folder, ['zoe.erased', 'Zoe Erased'])).toEqual([]);
  await rm(scratch, { recursive: true });
});

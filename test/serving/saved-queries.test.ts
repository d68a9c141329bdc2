import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import { openMysql } from '../../src/warehouses/mysql/warehouse.ts';
import { openPostgres } from '../../src/warehouses/postgres/warehouse.ts';
import { SAVED_QUERIES } from '../../src/warehouses/saved-queries.ts';
import { startMariadb } from '../servers/mariadb.ts';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { document, purchases } from '../support/cli.ts';
import { sharedFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

const CUSTOMERS = 1_000_000;
const INDEX = 'customer_purchase_summary_total_spent_aud';
const at = sharedFolder();

/** The expected content of each query's plan. */
const plans = (byTotal: RegExp, byId: RegExp): Record<string, RegExp> => ({
  'top-customers': byTotal,
  'big-spenders': byTotal,
  'in-credit': byTotal,
  'newest-ids': byId,
});

/**
 * A million customers: 1% in credit, 0.1% with 100,000 AUD and more, the rest in between, by their
 * ids: rows that arrive in index order are indexed in half the time.
 */
const filled = (series: string): string => `
INSERT INTO customer_purchase_summary
  (customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date)
SELECT
  n,
  concat('Customer ', n),
  concat('customer', n, '@example.com'),
  CASE WHEN n % 100 = 0 THEN -0.01 * (n % 7919) WHEN n % 1000 = 1 THEN 100000 + n % 7919 ELSE n * 0.05 END,
  DATE '2026-01-01',
  DATE '2026-02-01'
FROM ${series};`;

describe.each([
  {
    name: 'PostgreSQL',
    start: startPostgres,
    open: openPostgres,
    series: `generate_series(1, ${CUSTOMERS}) AS n`,
    before: 'SET synchronous_commit = off;',
    analyze: 'ANALYZE customer_purchase_summary',
    plans: plans(
      new RegExp(`Index Scan (?:Backward )?using ${INDEX} `),
      /Index Scan Backward using customer_purchase_summary_pkey/,
    ),
    scan: /Seq Scan on customer_purchase_summary\b/,
  },
  {
    name: 'MariaDB',
    start: startMariadb,
    open: openMysql,
    series: `(SELECT seq AS n FROM seq_1_to_${CUSTOMERS}) AS numbers`,
    before: 'SET unique_checks = 0, foreign_key_checks = 0;',
    analyze: 'ANALYZE TABLE customer_purchase_summary',
    plans: plans(
      new RegExp(`customer_purchase_summary,(?:range|index),\\S*,${INDEX},`),
      /customer_purchase_summary,index,,PRIMARY,/,
    ),
    scan: /customer_purchase_summary,ALL,|filesort/,
  },
])('the saved queries at a million customers on $name', (given) => {
  let server: TestServer;
  let warehouse: Warehouse;

  beforeAll(async () => {
    server = await given.start();
    const url = await server.createDatabase('saved');
    warehouse = given.open({ url, random: Math.random });
    await warehouse.migrate();
    await server.sql('saved', `${given.before}${filled(given.series)} ${given.analyze}`);
  });
  afterAll(() => server.stop());

  test.each(SAVED_QUERIES)('$name uses an index', async ({ name, sql }) => {
    const plan = (await warehouse.query(`EXPLAIN ${sql}`)).rows
      .map((row) => row.join(','))
      .join('\n');
    expect(plan).not.toMatch(given.scan);
    expect(plan).toMatch(given.plans[name] ?? /customer_purchase_sync_state/);
  });

  test('saved queries run by name', async () => {
    const ask = async (name: string): Promise<Record<string, string>[]> =>
      document(
        await purchases(
          { cwd: at.folder, env: { PURCHASES_WAREHOUSE: server.url('saved') } },
          'query',
          '--saved',
          name,
          '--json',
        ),
      ) as Record<string, string>[];
    const top = await ask('top-customers');
    expect(top.map((row) => row['total_spent_aud'])).toEqual(
      top.map(() => expect.stringMatching(/^10\d{4}\.00$/)),
    );
    expect(top).toHaveLength(10);
    expect(await ask('big-spenders')).toHaveLength(1000);
    expect((await ask('in-credit'))[0]).toMatchObject({ total_spent_aud: '-79.18' });
    expect((await ask('newest-ids'))[0]).toMatchObject({ customer_id: String(CUSTOMERS) });
    expect(await ask('table-state')).toHaveLength(1);
  });
});

test('rejects an unknown saved query, SQL together with a name, and neither of them', async () => {
  const ask = async (...args: string[]): Promise<number> =>
    (await purchases({ cwd: at.folder }, 'query', ...args)).code;
  expect(await ask('--saved', 'no-such')).toBe(2);
  expect(await ask('SELECT 1', '--saved', 'top-customers')).toBe(2);
  expect(await ask()).toBe(2);
});

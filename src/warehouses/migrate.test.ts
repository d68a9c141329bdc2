import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { MigrationConflict } from '../errors.ts';
import { pgliteSql } from './pglite/sql.ts';
import { pgliteWarehouse } from './pglite/warehouse.ts';
import type { Sql } from './sql.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { postgresMigrations } from './postgres/migrations.ts';

let db: PGlite;
let sql: Sql;

beforeAll(async () => {
  db = await PGlite.create();
  sql = pgliteSql(db);
}, 60_000);
afterAll(() => db.close());
beforeEach(() => db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));

const A: Migration = { number: 1, name: 'a', sql: 'CREATE TABLE a (n INT)' };
const B: Migration = {
  number: 2,
  name: 'b',
  sql: 'ALTER TABLE a ADD COLUMN m INT; CREATE TABLE b ()',
};
const run = (...migrations: Migration[]): Promise<string[]> =>
  migrate(sql, { ...postgresMigrations, migrations });

test('migrations are applied in order of their numbers, each once', async () => {
  expect(await run(A)).toEqual(['001-a']);
  expect(await run(B, A)).toEqual(['002-b']);
  expect(await run(A, B)).toEqual([]);
});

test('a migration that fails leaves no trace of itself or of those before it', async () => {
  await expect(run(A, { ...B, sql: `${B.sql}; SELECT no_such_column` })).rejects.toThrow(
    'no_such_column',
  );
  expect(await run(A, B)).toEqual(['001-a', '002-b']);
});

test('an applied migration whose SQL was edited is refused, naming it', async () => {
  await run(A);
  const edited = run({ ...A, sql: `${A.sql} ` }, B);
  await expect(edited).rejects.toThrow(MigrationConflict);
  await expect(edited).rejects.toThrow('001-a');
});

test('a database that a newer version has migrated is refused', async () => {
  await run(A, B);
  await expect(run(A)).rejects.toThrow(MigrationConflict);
});

test('the tables of the original pipeline are adopted with their rows', async () => {
  const six = `customer_id INT, full_name VARCHAR(255), email VARCHAR(255),
    total_spent_aud DECIMAL(18,2), first_purchase_date DATE, last_purchase_date DATE`;
  await db.exec(`
    CREATE TABLE customer_purchase_summary_staging (${six});
    CREATE TABLE customer_purchase_summary (${six}, updated_at TIMESTAMP, PRIMARY KEY (customer_id));
    INSERT INTO customer_purchase_summary_staging VALUES (1, 'old', NULL, 1, NULL, NULL), (1, 'new', NULL, 2, NULL, NULL);
    INSERT INTO customer_purchase_summary VALUES (2, 'kept', NULL, 3, NULL, NULL, now());
  `);
  const warehouse = pgliteWarehouse(db, 'pglite in memory');
  await warehouse.migrate();
  expect(await warehouse.state()).toEqual({ sync: undefined, empty: false, foreign: 2 });
  expect(await warehouse.upsert(undefined)).toMatchObject({ inserted: 1, updated: 0, foreign: 2 });
  const { rows } = await warehouse.query(
    'SELECT customer_id, full_name FROM customer_purchase_summary ORDER BY customer_id',
  );
  expect(rows).toEqual([
    ['1', 'new'],
    ['2', 'kept'],
  ]);
});

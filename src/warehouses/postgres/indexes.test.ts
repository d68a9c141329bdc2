import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres } from '../../../test/servers/postgres.ts';
import type { TestServer } from '../../../test/servers/process.ts';
import { load, MAIN, type OpenedWarehouse } from '../../lake/ports/warehouse-fixture.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import { pgliteWarehouse } from '../pglite/warehouse.ts';
import { openPostgres } from './warehouse.ts';

const ROWS = Array.from({ length: 50 }, (_, index) => customer(index + 1, `${index}.50`));

async function embedded(): Promise<OpenedWarehouse> {
  const db = await PGlite.create();
  return {
    warehouse: pgliteWarehouse(db, 'pglite in memory'),
    externalSql: async (statements) => void (await db.exec(statements)),
  };
}

let server: TestServer;
async function onServer(): Promise<OpenedWarehouse> {
  server = await startPostgres();
  const url = await server.createDatabase('indexes');
  return {
    warehouse: openPostgres({ url, random: Math.random }),
    externalSql: async (statements) => void (await server.sql('indexes', statements)),
  };
}
afterAll(() => server?.stop());

describe.each([
  ['PGlite', embedded],
  ['PostgreSQL', onServer],
])('an index of %s that lacks rows', (_name, open) => {
  let opened: OpenedWarehouse;
  const KEY = `${MAIN}_pkey`;
  /**
   * Rows that are written meanwhile are in the table but not in the index, as after a disk fault.
   */
  const withoutIndex = async (index: string, statements: string): Promise<void> => {
    const ready = (value: boolean): string =>
      `UPDATE pg_index SET indisready = ${value} WHERE indexrelid = '${index}'::regclass;`;
    await opened.externalSql(ready(false));
    await opened.externalSql(statements);
    await opened.externalSql(ready(true));
  };

  beforeAll(async () => {
    opened = await open();
    await opened.warehouse.migrate();
  }, 240_000);
  afterAll(() => opened.warehouse.close());

  const faults = async (): Promise<string[]> =>
    ((await opened.warehouse.indexFaults?.()) ?? []).map(({ message }) => message);

  test('is detected, and rebuilt from the table, which keeps one row of a customer', async () => {
    const { warehouse, externalSql } = opened;
    await load(warehouse, ROWS);
    expect(await faults()).toEqual([]);
    await withoutIndex(
      KEY,
      `INSERT INTO ${MAIN} (customer_id, total_spent_aud) VALUES (77, 1), (7, 2)`,
    );
    expect(await faults()).toEqual([
      expect.stringContaining('the index on customer_id finds 50 rows, the table itself holds 52'),
    ]);
    await warehouse.rebuildIndexes?.();
    expect(await faults()).toEqual([]);
    const { rows } = await warehouse.query(`SELECT count(*) FROM ${MAIN}`);
    expect(rows).toEqual([['51']]);
    await externalSql(`DELETE FROM ${MAIN} WHERE customer_id = 77`);
  }, 120_000);

  test('on totals is detected as well', async () => {
    const update = `UPDATE ${MAIN} SET total_spent_aud = 1000 WHERE customer_id = 3`;
    await withoutIndex(`${MAIN}_total_spent_aud`, update);
    expect(await faults()).toEqual([expect.stringContaining('the index on total_spent_aud')]);
    await opened.warehouse.rebuildIndexes?.();
    expect(await faults()).toEqual([]);
  }, 120_000);
});

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dump, dumped, load, MAIN, SECOND, SIX } from '../../lake/ports/warehouse-fixture.ts';
import { customer, type LoadRow, vanished } from '../../lake/ports/warehouse-load-rows.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { startMariadb } from '../../../test/servers/mariadb.ts';
import type { TestServer } from '../../../test/servers/process.ts';
import { openMysql } from './warehouse.ts';

let server: TestServer;
let warehouse: Warehouse;

/** Its buffer pool is smaller than the serving table of the test that counts page reads. */
beforeAll(async () => {
  server = await startMariadb(async () => ({
    'local-infile': 'ON',
    'innodb-buffer-pool-size': '6M',
  }));
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  warehouse = openMysql({ url: await server.createDatabase('bulk'), random: () => 0 });
  await warehouse.migrate();
  return async () => void (await server.sql('mysql', 'DROP DATABASE bulk'));
});

const customers = (rows: number): LoadRow[] =>
  Array.from({ length: rows }, (_, index) => customer(index + 1));

async function status(name: string): Promise<number> {
  const [row] = await server.sql('mysql', `SHOW GLOBAL STATUS LIKE '${name}'`);
  return Number(row?.['Value']);
}

test('MariaDB sets a load slice by slice: changed, added and deleted customers, in each of them', async () => {
  const before = customers(3000).filter(([id]) => id % 3 !== 0);
  await load(warehouse, before);
  const changed = before.filter(([id]) => id % 2 === 0).map(([id]) => customer(id, '11.00'));
  const added = customers(3000).filter(([id]) => id % 3 === 0);
  const deleted = before.filter(([id]) => id % 7 === 0 && id % 2 !== 0).map(([id]) => vanished(id));
  expect(await load(warehouse, [...added, ...deleted, ...changed], SECOND)).toMatchObject({
    outcome: 'applied',
    inserted: added.length,
    updated: changed.length,
    deleted: deleted.length,
  });
  const left = new Map([...before, ...added, ...changed].map((row) => [row[0], row]));
  for (const [id] of deleted) left.delete(id);
  expect(await dump(warehouse)).toEqual(dumped([...left.values()].toSorted(([a], [b]) => a - b)));
});

test('MariaDB reads each page of the serving table from the disk once for changes all over it', async () => {
  await load(warehouse, [customer(1)]);
  await server.sql(
    'bulk',
    `INSERT INTO ${MAIN} (${SIX}) SELECT seq, CONCAT('Customer ', seq), NULL, 10, NULL, NULL FROM seq_2_to_100000`,
  );
  const change = customers(100_000)
    .filter(([id]) => id % 20 === 0)
    .map(([id]) => customer(id, '11.00'));
  const before = await status('Innodb_buffer_pool_reads');
  expect(await load(warehouse, change, SECOND)).toMatchObject({ updated: change.length });
  const read = (await status('Innodb_buffer_pool_reads')) - before;
  expect(read / (await pages())).toBeLessThan(1.5);
}, 120_000);

/** Pages in the file of the serving table. */
async function pages(): Promise<number> {
  const [file] = await server.sql(
    'bulk',
    `SELECT file_size DIV 16384 AS pages FROM information_schema.innodb_sys_tablespaces WHERE name = 'bulk/${MAIN}'`,
  );
  return Number(file?.['pages']);
}

test('MariaDB deletes a load from staging once', async () => {
  const before = await status('Com_delete');
  await load(warehouse, customers(3));
  // The other one deletes the rows of a previous attempt when staging begins.
  expect(await status('Com_delete')).toBe(before + 2);
});

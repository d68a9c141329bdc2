import { lockDatabase } from '../../stores/filesystem/lock.ts';
import { PGlite } from '@electric-sql/pglite';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { digests } from '../../../test/support/folders.ts';
import { ObjectMissing, QueryRefused, WarehouseDamaged } from '../../errors.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import { dump, load, MAIN } from '../../lake/ports/warehouse-fixture.ts';
import { readAll, readerConformance } from '../../lake/ports/warehouse-reader.conformance.ts';
import { openPglite } from './pglite.ts';
import { queryBatches, pgliteReader } from './reader.ts';
import { pgliteSeed } from './seed.ts';
import { pgliteWarehouse } from './warehouse.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scratch: string;
let seed: string;
let folder: string;

const lock = (path: string) => lockDatabase(path, { command: 'a test', now: new Date() });

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pglite-reader-'));
  seed = join(scratch, 'seed.tar.gz');
  await writeFile(seed, await pgliteSeed());
  folder = await filled('database');
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function filled(name: string): Promise<string> {
  const databaseFolder = join(scratch, name);
  const warehouse = await openPglite({ folder: databaseFolder, seed, lock });
  await warehouse.migrate();
  await load(warehouse, [customer(1, '12.30')]);
  await warehouse.close();
  return databaseFolder;
}

// One database instead of a copy for each statement, which takes a second: not even the copy may
// change.
readerConformance(
  'PGlite',
  async () => {
    const db = await PGlite.create();
    const warehouse = pgliteWarehouse(db, 'in memory');
    await warehouse.migrate();
    await load(warehouse, [customer(1, '12.30')]);
    const tables = `SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_roles)`;
    return {
      reader: { name: 'in memory', ask: (sql) => queryBatches(db, sql) },
      state: async () => [await dump(warehouse), await warehouse.query(tables)],
    };
  },
  'SELECT generate_series(1, 3000) AS n',
);

test.each([
  `SELECT set_config('role', 'none', true), query_to_xml('copy (select 1) to ''/pglite/data/PG_VERSION'' ', true, true, '')`,
  `DO $$ BEGIN EXECUTE 'reset role'; EXECUTE 'copy (select 1) to ''/pglite/data/PG_VERSION'' '; END $$`,
  `SELECT set_config('role', 'none', true), pg_read_file('/etc/passwd')`,
])('leaves no effect of %s', async (sql) => {
  const before = await digests(folder);
  await expect(readAll(await pgliteReader(folder), sql)).rejects.toThrow(QueryRefused);
  expect(await digests(folder)).toEqual(before);
});

test('a query leaves every file of the folder unchanged, and reads the folder', async () => {
  const before = await digests(folder);
  const { rows } = await readAll(await pgliteReader(folder), `SELECT customer_id FROM ${MAIN}`);
  expect(rows).toEqual([['1']]);
  expect(await digests(folder)).toEqual(before);
});

test('a copy is the folder as of its opening, and several can be queried at once', async () => {
  const other = await filled('other');
  const reader = await pgliteReader(other);
  await rm(other, { recursive: true });
  const queries = [1, 2].map(() => readAll(reader, `SELECT count(*) FROM ${MAIN}`));
  expect((await Promise.all(queries)).map(({ rows }) => rows)).toEqual([[['1']], [['1']]]);
});

test('a missing database is reported, and none is created', async () => {
  const none = join(scratch, 'none');
  await expect(pgliteReader(none)).rejects.toThrow(ObjectMissing);
  expect(existsSync(none)).toBe(false);
});

test.each(['PG_VERSION', 'global/pg_control'])(
  'a database whose %s is damaged is named, with the command that rebuilds it',
  async (name) => {
    const broken = await filled(`broken-${name.length}`);
    await writeFile(join(broken, name), 'x');
    const asking = pgliteReader(broken).then((reader) => readAll(reader, 'SELECT 1'));
    await expect(asking).rejects.toThrow(WarehouseDamaged);
    await expect(asking).rejects.toMatchObject({
      hint: expect.stringContaining('purchases repair'),
    });
  },
);

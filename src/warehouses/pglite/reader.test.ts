import { lockDatabase } from '../../stores/filesystem/lock.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { digests } from '../../../test/support/folders.ts';
import { ObjectMissing, QueryRefused } from '../../errors.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import { dump, dumped, load, MAIN } from '../../lake/ports/warehouse-fixture.ts';
import { answered, readerConformance } from '../../lake/ports/warehouse-reader.conformance.ts';
import { openPglite } from './pglite.ts';
import { pgliteReader } from './reader.ts';
import { pgliteSeed } from './seed.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scratch: string;
let seed: string;
let folder: string;

const lock = (folder: string) => lockDatabase(folder, { command: 'a test', now: new Date() });

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pglite-reader-'));
  seed = join(scratch, 'seed.tar.gz');
  await writeFile(seed, await pgliteSeed());
  folder = await filled('database');
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function filled(name: string): Promise<string> {
  const made = join(scratch, name);
  const warehouse = await openPglite({ folder: made, seed, lock });
  await warehouse.migrate();
  await load(warehouse, [customer(1, '12.30')]);
  await warehouse.close();
  return made;
}

readerConformance(
  'PGlite',
  async () => ({ reader: await pgliteReader(folder), state: () => digests(folder) }),
  'SELECT generate_series(1, 3000) AS n',
);

test.each([
  `SELECT set_config('role', 'none', true), query_to_xml('copy (select 1) to ''/pglite/data/PG_VERSION''', true, true, '')`,
  `SELECT set_config('role', 'none', true), pg_read_file('/etc/passwd')`,
  `SELECT query_to_xml('drop table ${MAIN}', true, true, '')`,
  "SELECT pg_ls_dir('/')",
  'SELECT lo_create(0)',
  "SELECT lo_export(1, '/pglite/data/PG_VERSION')",
  `WITH gone AS (DELETE FROM ${MAIN} RETURNING 1) SELECT * FROM gone`,
  `DO $$ BEGIN EXECUTE 'reset role'; EXECUTE 'copy (select 1) to ''/pglite/data/PG_VERSION'''; END $$`,
  `COPY ${MAIN} TO '/pglite/data/PG_VERSION'`,
])('nothing comes of %s', async (sql) => {
  const before = await digests(folder);
  await expect(answered(await pgliteReader(folder), sql)).rejects.toThrow(QueryRefused);
  expect(await digests(folder)).toEqual(before);
});

test('a statement that leaves the reading role reaches a copy and no file of the machine', async () => {
  const sql = `SELECT set_config('role', 'none', true), (SELECT count(*) FROM pg_ls_dir('/tmp'))`;
  const before = await digests(folder);
  // The role is the session's, so what follows the first column is checked as it was before.
  await answered(await pgliteReader(folder), sql).catch(() => undefined);
  expect(await digests(folder)).toEqual(before);
  const warehouse = await openPglite({ folder, lock });
  expect(await dump(warehouse)).toEqual(dumped([customer(1, '12.30')]));
  await warehouse.close();
});

test('a copy is what the folder was when it was opened, and several can be asked at once', async () => {
  const other = await filled('other');
  const reader = await pgliteReader(other);
  await rm(other, { recursive: true });
  const asked = [1, 2].map(() => answered(reader, `SELECT count(*) FROM ${MAIN}`));
  expect((await Promise.all(asked)).map(({ rows }) => rows)).toEqual([[['1']], [['1']]]);
});

test('where there is no database yet that is said, and nothing is made', async () => {
  const none = join(scratch, 'none');
  await expect(pgliteReader(none)).rejects.toThrow(ObjectMissing);
  await expect(openPglite({ folder: none, seed, lock }).then((made) => made.close())).resolves.toBe(
    undefined,
  );
  await writeFile(`${none}.unfinished`, '');
  await expect(pgliteReader(none)).rejects.toThrow(ObjectMissing);
});

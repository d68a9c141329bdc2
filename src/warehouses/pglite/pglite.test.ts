import { PGlite } from '@electric-sql/pglite';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigInvalid } from '../../errors.ts';
import { customer, loadCsv, loadOf, pieces } from '../../lake/ports/warehouse-load-rows.ts';
import { dump, dumped, load } from '../../lake/ports/warehouse-fixture.ts';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { lockDatabase } from '../../stores/filesystem/lock.ts';
import { openPglite } from './pglite.ts';
import { pgliteSeed } from './seed.ts';
import { pgliteWarehouse } from './warehouse.ts';

const lock = (folder: string) => lockDatabase(folder, { command: 'a test', now: new Date() });

let scratch: string;
let seed: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pglite-'));
  seed = join(scratch, 'seed.tar.gz');
  await writeFile(seed, await pgliteSeed());
}, 240_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

warehouseConformance('PGlite', async () => {
  const db = await PGlite.create();
  return {
    warehouse: pgliteWarehouse(db, 'pglite in memory'),
    externalSql: async (statements) => void (await db.exec(statements)),
  };
});

describe('a PGlite folder', () => {
  test('keeps a load that was staged and not applied, until it is staged again', async () => {
    const folder = join(scratch, 'a', 'new', 'lake');
    const rows = [customer(1), customer(2)];
    const first = await openPglite({ folder, seed, lock });
    await first.migrate();
    await first.stage(loadOf(rows), pieces(loadCsv([customer(1, '66.00'), customer(9)])));
    await first.close();

    const second = await openPglite({ folder, seed, lock });
    expect(await second.migrate()).toEqual([]);
    expect(await load(second, rows)).toMatchObject({ outcome: 'applied', inserted: 2 });
    await second.close();

    const third = await openPglite({ folder, lock });
    expect(await dump(third)).toEqual(dumped(rows));
    expect(await third.state()).toEqual({
      sync: { lake: 'lake-a', seq: 1, commit: 'c1' },
      empty: false,
      foreign: 0,
    });
    await third.close();
  }, 240_000);

  test('whose creation was interrupted is created again', async () => {
    const folder = join(scratch, 'half');
    await mkdir(folder);
    await writeFile(join(folder, 'PG_VERSION'), '18\n');
    await writeFile(`${folder}.unfinished`, '');
    const warehouse = await openPglite({ folder, seed, lock });
    await warehouse.migrate();
    await warehouse.close();
    expect(existsSync(`${folder}.unfinished`)).toBe(false);
  }, 240_000);

  test('that holds other files is left unchanged', async () => {
    const folder = join(scratch, 'photos');
    await mkdir(folder);
    await writeFile(join(folder, 'summer.jpg'), '');
    await expect(openPglite({ folder, seed, lock })).rejects.toThrow(ConfigInvalid);
    expect(existsSync(join(folder, 'summer.jpg'))).toBe(true);
  });
});

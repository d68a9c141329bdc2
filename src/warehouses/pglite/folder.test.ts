import { execFileSync } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sharedFolder, testFolder } from '../../../test/support/folders.ts';
import { DiskFailed, LakeBusy, WarehouseDamaged } from '../../errors.ts';
import { dump, dumped, load, MAIN } from '../../lake/ports/warehouse-fixture.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { lockDatabase } from '../../stores/filesystem/lock.ts';
import { openPglite, POSTGRES, setAside } from './pglite.ts';
import { pgliteSeed, SEED_FILE } from './seed.ts';

const at = sharedFolder();
const rows = [customer(1), customer(2)];
const lock = (folder: string) => lockDatabase(folder, { command: 'a test', now: new Date() });
const open = (folder: string): Promise<Warehouse> =>
  openPglite({ folder, seed: join(at.folder, 'seed.tar.gz'), lock });

beforeAll(async () => {
  const built = fileURLToPath(new URL(`../../../dist/${SEED_FILE}`, import.meta.url));
  const bytes = existsSync(built) ? await readFile(built) : await pgliteSeed();
  await writeFile(join(at.folder, 'seed.tar.gz'), bytes);
  await filled(join(at.folder, 'filled'));
}, 240_000);

/** Creates a database with two customers, and closes it. */
async function filled(folder: string): Promise<void> {
  const warehouse = await open(folder);
  await warehouse.migrate();
  await load(warehouse, rows);
  await warehouse.close();
}

/** Every mode at or below a folder that gives another user access. */
function openToOthers(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  return [folder, ...paths].filter((path) => (statSync(path).mode & 0o077) !== 0);
}

describe('the folder of an embedded database', () => {
  test('is accessible to its owner only, from creation on and after work, under any umask', async () => {
    const folder = join(await testFolder(), 'lake', 'wh');
    const seen: number[] = [];
    const spying = async (path: string) => {
      seen.push((await stat(path)).mode & 0o777);
      return lock(path);
    };
    const seed = join(at.folder, 'seed.tar.gz');
    const warehouse = await openPglite({ folder, seed, lock: spying });
    expect(seen).toEqual([0o700]);
    expect(openToOthers(folder)).toEqual([]);
    await warehouse.migrate();
    await load(warehouse, rows);
    await warehouse.forget?.();
    expect(openToOthers(folder)).toEqual([]);
    await warehouse.close();
    expect(openToOthers(folder)).toEqual([]);
  }, 120_000);

  test('that earlier versions left open to all users is closed when it is opened', async () => {
    const folder = join(await testFolder(), 'wh');
    await cp(join(at.folder, 'filled'), folder, { recursive: true });
    for (const path of [folder, join(folder, 'base')]) await chmod(path, 0o755);
    for (const name of ['pg_hba.conf', 'PG_VERSION', 'global/pg_control'])
      await chmod(join(folder, name), 0o666);
    const warehouse = await open(folder);
    expect(openToOthers(folder)).toEqual([]);
    expect(await dump(warehouse)).toEqual(dumped(rows));
    await warehouse.close();
  }, 120_000);

  test('is opened by one process at a time, by any path, and is free again when it is closed', async () => {
    const parent = await testFolder();
    const folder = join(parent, 'wh');
    await symlink(folder, join(parent, 'link'));
    await symlink(parent, join(parent, 'up'));
    const first = await open(folder);
    await first.migrate();
    for (const path of [folder, `${folder}/`, join(parent, 'link'), join(parent, 'up', 'wh')]) {
      const second = open(path);
      await expect(second).rejects.toThrow(LakeBusy);
      await expect(second).rejects.toMatchObject({
        exitCode: 5,
        message: expect.stringMatching(
          new RegExp(`^The serving database .* is held by process ${process.pid} \\(a test, since`),
        ),
      });
    }
    await load(first, rows);
    await first.close();
    const next = await open(join(parent, 'link'));
    expect(await dump(next)).toEqual(dumped(rows));
    await next.close();
  }, 120_000);

  test('that could not be opened is free again', async () => {
    const folder = join(await testFolder(), 'wh');
    await cp(join(at.folder, 'filled'), folder, { recursive: true });
    await writeFile(join(folder, 'PG_VERSION'), 'x\n');
    await expect(open(folder)).rejects.toThrow(WarehouseDamaged);
    await (await lock(folder)).release();
  }, 120_000);
});

describe('a damaged embedded database', () => {
  const damages: Record<string, (folder: string) => Promise<void>> = {
    'a PG_VERSION of other text': (folder) => writeFile(join(folder, 'PG_VERSION'), 'x\n'),
    'an empty PG_VERSION': (folder) => writeFile(join(folder, 'PG_VERSION'), ''),
    'another PostgreSQL': (folder) => writeFile(join(folder, 'PG_VERSION'), '17\n'),
    'no PG_VERSION': (folder) => rm(join(folder, 'PG_VERSION')),
    'no control file': (folder) => rm(join(folder, 'global/pg_control')),
    'an empty control file': (folder) => writeFile(join(folder, 'global/pg_control'), ''),
    'no log': (folder) => rm(join(folder, 'pg_wal'), { recursive: true }),
    'no databases': (folder) => rm(join(folder, 'base'), { recursive: true }),
    'no settings': (folder) => rm(join(folder, 'postgresql.conf')),
    'no pg_hba.conf': (folder) => rm(join(folder, 'pg_hba.conf')),
  };

  test.each(Object.entries(damages))(
    'is named when it is opened: %s',
    async (_what, damage) => {
      const folder = join(await testFolder(), 'wh');
      await cp(join(at.folder, 'filled'), folder, { recursive: true });
      await damage(folder);
      const before = readdirSync(folder);
      const opening = open(folder);
      await expect(opening).rejects.toThrow(WarehouseDamaged);
      await expect(opening).rejects.toMatchObject({
        message: expect.stringContaining(folder),
        hint: expect.stringContaining('purchases repair'),
      });
      expect(readdirSync(folder)).toEqual(expect.arrayContaining(before));
    },
    120_000,
  );

  test.each([
    ['is missing', (path: string) => rm(path)],
    ['holds other bytes', (path: string) => writeFile(path, Buffer.alloc(8192, 7))],
  ])(
    'is named when it is queried, where the table’s file %s',
    async (_what, damage) => {
      const folder = join(await testFolder(), 'wh');
      const first = await open(folder);
      await first.migrate();
      await load(first, rows);
      const { rows: found } = await first.query(`SELECT pg_relation_filepath('${MAIN}')`);
      await first.close();
      await damage(join(folder, String(found[0]?.[0])));
      const second = await open(folder);
      await expect(second.query(`SELECT * FROM ${MAIN}`)).rejects.toThrow(WarehouseDamaged);
      await second.close();
    },
    120_000,
  );

  test('is set aside with all its files, and a new one takes its place, through a link too', async () => {
    const parent = await testFolder();
    const [folder, link] = [join(parent, 'wh'), join(parent, 'link')];
    await cp(join(at.folder, 'filled'), folder, { recursive: true });
    await symlink(folder, link);
    await writeFile(join(folder, 'PG_VERSION'), 'x\n');
    const aside = await setAside({ folder: link, lock }, new Date('2026-03-04T05:06:07Z'));
    expect(aside).toBe(join(parent, 'wh.damaged-20260304T050607Z'));
    expect(await readdir(aside)).toContain('global');
    const rebuilt = await open(link);
    await rebuilt.migrate();
    expect(await rebuilt.state()).toMatchObject({ sync: undefined, empty: true });
    await rebuilt.close();
    expect(existsSync(join(folder, 'PG_VERSION'))).toBe(true);
  }, 120_000);

  test('is recognised by the version that PGlite writes', async () => {
    const folder = join(await testFolder(), 'wh');
    const warehouse = await open(folder);
    const { rows: found } = await warehouse.query('SHOW server_version_num');
    expect(String(found[0]?.[0]).slice(0, 2)).toBe(POSTGRES);
    await warehouse.close();
  }, 120_000);
});

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(mayMount)(
  `a full disk ${mayMount ? 'is named, during creation and later, and nothing is lost' : 'was left out: only root may mount a small one'}`,
  async () => {
    const disk = join(await testFolder(), 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', ['--lazy', disk]));
    const folder = join(disk, 'wh');
    const leave = async (megabytes: number): Promise<void> => {
      await rm(join(disk, 'filler'), { force: true });
      const { bavail, bsize } = await statfs(disk);
      await writeFile(
        join(disk, 'filler'),
        Buffer.alloc(Math.max(0, bavail * bsize - megabytes * 2 ** 20), 1),
      );
    };
    for (const megabytes of [3, 12]) {
      await leave(megabytes);
      const opening = open(folder);
      await expect(opening, `${megabytes} MB`).rejects.toThrow(DiskFailed);
      await expect(opening).rejects.toMatchObject({
        message: expect.not.stringContaining('[object Object]'),
        hint: expect.stringContaining('Free some space'),
      });
    }
    await rm(join(disk, 'filler'));
    await filled(folder);
    const many = Array.from({ length: 60_000 }, (_, index) => customer(index + 1));
    for (const megabytes of [0, 2, 8]) {
      const warehouse = await open(folder);
      await leave(megabytes);
      const second = { loadId: `of ${megabytes}`, fromSeq: 1, toSeq: 2, commit: 'c2' };
      await expect(load(warehouse, many, second), `${megabytes} MB`).rejects.toThrow(DiskFailed);
      await warehouse.close();
      await rm(join(disk, 'filler'));
    }
    const healed = await open(folder);
    expect(await dump(healed)).toEqual(dumped(rows));
    await healed.close();
  },
  600_000,
);

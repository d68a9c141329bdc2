import type { PGlite } from '@electric-sql/pglite';
import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigInvalid } from '../../errors.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { damaged, onFolder } from './failures.ts';
import { closeToOthers, privateFolder } from './private-folder.ts';
import { pgliteSeed } from './seed.ts';
import { pgliteWarehouse } from './warehouse.ts';

/** Locks an existing folder for this process. Error: `LakeBusy`. */
export type LockFolder = (folder: string) => Promise<AsyncDisposable>;

export type PgliteOptions = {
  /** The folder of the database; created if it does not exist. */
  folder: string;
  /**
   * Held while the database is open: PGlite takes no lock, and two openers lose each other's
   * commits without an error.
   */
  lock: LockFolder;
  /**
   * An empty database (`pgliteSeed`) from which a new folder is filled: 0.7 s in place of 3.4 s,
   * and half the memory. Used if the file exists.
   */
  seed?: string;
};

/** PostgreSQL keeps up to a gigabyte of log by default; a laptop's folder does not need it. */
const SETTINGS = ['-c', 'max_wal_size=128MB'];
/** The PostgreSQL version of PGlite: it reads folders of no other version. */
export const POSTGRES = '18';
/** A handle that does not return is left to the end of the process. */
const CLOSING_MS = 10_000;

/**
 * Opens the serving database of a laptop in a folder that only its owner can read. A folder whose
 * creation was interrupted is created again. Errors: `ConfigInvalid` if the folder holds other
 * files, `LakeBusy`, `WarehouseDamaged`, `DiskFailed`.
 */
export async function openPglite({ folder, lock, seed }: PgliteOptions): Promise<Warehouse> {
  await onFolder(folder, async () => {
    await assertOwnFolder(folder);
    await privateFolder(folder);
  });
  const held = await lock(folder);
  try {
    // WebAssembly does not follow a link at the end of the path.
    const real = await realpath(folder);
    const db = await onFolder(folder, () => open(real, seed), { opening: true });
    const close = async (): Promise<void> => {
      await closed(db);
      await held[Symbol.asyncDispose]();
    };
    return pgliteWarehouse(db, `pglite folder ${folder}`, { folder, close });
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Moves a damaged folder and its content out of the way, and returns its new path. Errors:
 * `LakeBusy`, `DiskFailed`.
 */
export async function setAside(
  { folder, lock }: Pick<PgliteOptions, 'folder' | 'lock'>,
  now: Date,
): Promise<string> {
  await using _lock = await lock(folder);
  const real = await realpath(folder);
  const aside = `${real}.damaged-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`;
  await onFolder(folder, async () => {
    await rename(real, aside);
    await rm(unfinished(real), { force: true });
    await privateFolder(real);
  });
  return aside;
}

async function open(folder: string, seed: string | undefined): Promise<PGlite> {
  const isNew = await isNewFolder(folder);
  if (isNew) await writeFile(unfinished(folder), '');
  else await assertReadable(folder);
  closeToOthers(folder);
  const { PGlite } = await import('@electric-sql/pglite');
  const db = await PGlite.create({
    dataDir: folder,
    startParams: [...PGlite.defaultStartParams, ...SETTINGS],
    ...(isNew ? { loadDataDir: new Blob([await seedBytes(seed)]) } : {}),
  });
  await rm(unfinished(folder), { force: true });
  closeToOthers(folder);
  return db;
}

/**
 * Reads the seed, or builds one in memory: initdb itself requires an empty folder, and this one
 * holds the lock.
 */
const seedBytes = async (seed: string | undefined): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(
    seed !== undefined && existsSync(seed) ? await readFile(seed) : await pgliteSeed(),
  );

/** A marker next to the folder that exists while the folder is being filled. */
const unfinished = (folder: string): string => `${folder}.unfinished`;
const LOCK = '_lock';
/** Names that occur together only in a PostgreSQL data folder. */
const POSTGRES_NAMES = ['base', 'global', 'pg_wal', 'postgresql.conf'];

async function isNewFolder(folder: string): Promise<boolean> {
  if (existsSync(unfinished(folder))) await emptied(folder);
  return !existsSync(join(folder, 'PG_VERSION'));
}

async function emptied(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== LOCK) await rm(join(folder, name), { recursive: true, force: true });
}

/** Refuses a folder of other files before anything is written to it. */
async function assertOwnFolder(folder: string): Promise<void> {
  if (!existsSync(folder) || existsSync(unfinished(await realpath(folder)))) return;
  const names = await readdir(folder);
  if (names.includes('PG_VERSION') || names.every((name) => name === LOCK)) return;
  if (POSTGRES_NAMES.some((name) => names.includes(name)))
    throw damaged(folder, 'its file PG_VERSION is missing');
  throw new ConfigInvalid(`warehouse: the folder ${folder} holds files, but no PGlite database.`, {
    hint: 'Name an empty or a new folder: pglite:FOLDER.',
  });
}

/** Error: `WarehouseDamaged` if the folder is not a database of the version that PGlite reads. */
export async function assertReadable(folder: string): Promise<void> {
  const version = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  if (version === POSTGRES) return;
  throw damaged(
    folder,
    /^\d+(?:\.\d+)?$/.test(version)
      ? `it was created by PostgreSQL ${version}, and this version reads only ${POSTGRES}`
      : `its file PG_VERSION holds ${JSON.stringify(version.slice(0, 20))}, not ${POSTGRES}`,
  );
}

async function closed(db: PGlite): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSING_MS);
  });
  await Promise.race([db.close().catch(() => undefined), silence]);
  clearTimeout(timer);
}

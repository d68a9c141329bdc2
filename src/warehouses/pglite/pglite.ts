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

/** Takes the folder, which is there, for this process alone. Error: `LakeBusy`. */
export type LockFolder = (folder: string) => Promise<AsyncDisposable>;

export type PgliteOptions = {
  /** Where the database lives; made where it is not there. */
  folder: string;
  /**
   * Held for as long as the database is open: PGlite takes no lock, and two openers lose each
   * other's commits without an error.
   */
  lock: LockFolder;
  /**
   * A freshly made database (`pgliteSeed`) from which a new folder is filled: 0.7 s in place of 3.4
   * s, and half the memory. Used where the file is there.
   */
  seed?: string;
};

/** PostgreSQL keeps up to a gigabyte of log unless told; a laptop's folder need not. */
const SETTINGS = ['-c', 'max_wal_size=128MB'];
/** The PostgreSQL that PGlite is: its folders are of no other version. */
export const POSTGRES = '18';
/** A handle that does not answer is left to the end of the process. */
const CLOSING_MS = 10_000;

/**
 * Opens the serving database of a laptop in a folder, which only its owner can read. A folder whose
 * making was cut short is made anew. Errors: `ConfigInvalid` where the folder holds other files,
 * `LakeBusy`, `WarehouseDamaged`, `DiskFailed`.
 */
export async function openPglite({ folder, lock, seed }: PgliteOptions): Promise<Warehouse> {
  await onFolder(folder, async () => {
    await mustBeOurs(folder);
    await privateFolder(folder);
  });
  const held = await lock(folder);
  try {
    // WebAssembly follows no link at the end of the path.
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
 * Moves a damaged folder out of the way, with all that is in it, and answers where it is now.
 * Errors: `LakeBusy`, `DiskFailed`.
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
  const fresh = await isFresh(folder);
  if (fresh) await writeFile(unfinished(folder), '');
  else await mustBeReadable(folder);
  closeToOthers(folder);
  const { PGlite } = await import('@electric-sql/pglite');
  const db = await PGlite.create({
    dataDir: folder,
    startParams: [...PGlite.defaultStartParams, ...SETTINGS],
    ...(fresh ? { loadDataDir: new Blob([await seedBytes(seed)]) } : {}),
  });
  await rm(unfinished(folder), { force: true });
  closeToOthers(folder);
  return db;
}

/**
 * Without the file a seed is made in memory: initdb itself wants an empty folder, and the lock lies
 * in this one.
 */
const seedBytes = async (seed: string | undefined): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(
    seed !== undefined && existsSync(seed) ? await readFile(seed) : await pgliteSeed(),
  );

/** Beside the folder, and there for as long as it is being filled. */
const unfinished = (folder: string): string => `${folder}.unfinished`;
const LOCK = '_lock';
/** Names that only a PostgreSQL data folder has together. */
const POSTGRES_NAMES = ['base', 'global', 'pg_wal', 'postgresql.conf'];

async function isFresh(folder: string): Promise<boolean> {
  if (existsSync(unfinished(folder))) await emptied(folder);
  return !existsSync(join(folder, 'PG_VERSION'));
}

async function emptied(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== LOCK) await rm(join(folder, name), { recursive: true, force: true });
}

/** Refuses a folder of other files before anything is written to it. */
async function mustBeOurs(folder: string): Promise<void> {
  if (!existsSync(folder) || existsSync(unfinished(await realpath(folder)))) return;
  const names = await readdir(folder);
  if (names.includes('PG_VERSION') || names.every((name) => name === LOCK)) return;
  if (POSTGRES_NAMES.some((name) => names.includes(name)))
    throw damaged(folder, 'its file PG_VERSION is missing');
  throw new ConfigInvalid(`warehouse: the folder ${folder} holds files, but no PGlite database.`, {
    hint: 'Name an empty or a new folder: pglite:FOLDER.',
  });
}

/** Error: `WarehouseDamaged` where the folder is no database of the version that PGlite reads. */
export async function mustBeReadable(folder: string): Promise<void> {
  const version = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  if (version === POSTGRES) return;
  throw damaged(
    folder,
    /^\d+(?:\.\d+)?$/.test(version)
      ? `it was made by PostgreSQL ${version}, and this version reads those of ${POSTGRES} alone`
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

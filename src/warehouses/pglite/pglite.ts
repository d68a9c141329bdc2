import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigInvalid } from '../../errors.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { pgliteWarehouse } from './warehouse.ts';

export type PgliteOptions = {
  /** Where the database lives; made where it is not there. */
  folder: string;
  /** A freshly made database (`pgliteSeed`) from which a new folder is filled: 0.7 s in place of 3.4 s, and half the memory. Used where the file is there. */
  seed?: string;
};

/** PostgreSQL keeps up to a gigabyte of log unless told; a laptop's folder need not. */
const SETTINGS = ['-c', 'max_wal_size=128MB'];

/**
 * Opens the serving database of a laptop in a folder. PGlite takes no lock, and two openers of one folder lose
 * each other's commits without an error: the caller holds the lake's lock for as long as this is open.
 * A folder whose making was cut short is made anew. Error: `ConfigInvalid` where the folder holds other files.
 */
export async function openPglite(options: PgliteOptions): Promise<Warehouse> {
  const { folder, seed } = options;
  const { PGlite } = await import('@electric-sql/pglite');
  const unfinished = `${folder}.unfinished`;
  const fresh = await isFresh(folder, unfinished);
  if (fresh) {
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(unfinished, '');
  }
  const db = await PGlite.create({
    dataDir: folder,
    startParams: [...PGlite.defaultStartParams, ...SETTINGS],
    ...(fresh && seed !== undefined && existsSync(seed)
      ? { loadDataDir: new Blob([await readFile(seed)]) }
      : {}),
  });
  await rm(unfinished, { force: true });
  return pgliteWarehouse(db, `pglite folder ${folder}`);
}

async function isFresh(folder: string, unfinished: string): Promise<boolean> {
  if (existsSync(unfinished)) await rm(folder, { recursive: true, force: true });
  if (existsSync(join(folder, 'PG_VERSION'))) return false;
  if (existsSync(folder) && (await readdir(folder)).length > 0) {
    throw new ConfigInvalid(
      `warehouse: the folder ${folder} holds files, but no PGlite database.`,
      {
        hint: 'Name an empty or a new folder: pglite:FOLDER.',
      },
    );
  }
  return true;
}

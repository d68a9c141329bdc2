import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite, PGliteOptions } from '@electric-sql/pglite';

import { ObjectMissing } from '../../errors.ts';
import type { QueryResult } from '../../lake/ports/warehouse.ts';
import type { WarehouseReader } from '../../lake/ports/warehouse-reader.ts';
import { BATCH_ROWS } from '../server/reader-account.ts';
import { refused } from '../server/warehouse.ts';
import { onFolder } from './failures.ts';
import { assertReadable } from './pglite.ts';
import { pgliteSql } from './sql.ts';

/** A folder or file of the database's folder, by its relative path. */
type Entry = { path: string; bytes: Uint8Array<ArrayBuffer> | undefined };

/** Where PGlite has its database, on any file system. */
const DATA = '/pglite/data';

/**
 * Runs users' SQL on an embedded database: on a copy of its files in memory, made once, so that no
 * effect of a statement reaches the folder. The caller holds the folder's lock until this is open,
 * no longer. Errors: `ObjectMissing` if there is no database yet, `WarehouseDamaged`.
 */
export async function pgliteReader(folder: string): Promise<WarehouseReader> {
  assertExists(folder);
  await assertReadable(folder);
  const entries = await readEntries(folder);
  return {
    name: `pglite folder ${folder}`,
    async *ask(sql, signal) {
      const db = await onFolder(folder, () => openCopy(entries), { opening: true });
      try {
        for await (const batch of queryBatches(db, sql)) {
          signal?.throwIfAborted();
          yield batch;
        }
      } finally {
        await db.close().catch(() => undefined);
      }
    },
  };
}

/** Checks before the lock is taken, which would create the folder. Error: `ObjectMissing`. */
export function assertExists(folder: string): void {
  if (!existsSync(join(folder, 'PG_VERSION')) || existsSync(`${folder}.unfinished`))
    throw new ObjectMissing(`There is no serving database in ${folder} yet.`, {
      hint: 'Create it with purchases run, or name another one with --warehouse.',
    });
}

async function readEntries(folder: string): Promise<Entry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries = found.map(async (entry): Promise<Entry> => {
    const path = join(entry.parentPath, entry.name);
    const bytes = entry.isFile() ? new Uint8Array(await readFile(path)) : undefined;
    return { path: path.slice(folder.length), bytes };
  });
  return (await Promise.all(entries)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Opens PGlite over a copy of the files in memory. Work that a kill interrupted is recovered in the
 * copy.
 */
async function openCopy(entries: readonly Entry[]): Promise<PGlite> {
  const { MemoryFS, PGlite: Database } = await import('@electric-sql/pglite');
  class CopyInMemory extends MemoryFS {
    override async init(...[pg, options]: Parameters<InstanceType<typeof MemoryFS>['init']>) {
      const opened = await super.init(pg, options);
      const copy = ({ FS }: { FS: Files }): void => {
        FS.mkdirTree(DATA);
        for (const { path, bytes } of entries)
          if (bytes === undefined) FS.mkdirTree(`${DATA}${path}`);
          else FS.writeFile(`${DATA}${path}`, bytes);
      };
      const preRun = [...(opened.emscriptenOpts.preRun ?? []), copy];
      return { emscriptenOpts: { ...opened.emscriptenOpts, preRun } };
    }
  }
  const options: PGliteOptions = { fs: new CopyInMemory(DATA) };
  return Database.create(options);
}

type Files = {
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
};

/**
 * Only SELECT, VALUES and TABLE can be declared as a cursor: the server's parser decides. The
 * statement's settings are rolled back.
 */
export async function* queryBatches(db: PGlite, statement: string): AsyncGenerator<QueryResult> {
  const sql = pgliteSql(db);
  await sql.exec('BEGIN READ ONLY; SET LOCAL ROLE pg_read_all_data');
  try {
    await refusing(() => sql.query(`DECLARE answer NO SCROLL CURSOR FOR ${statement}`));
    while (true) {
      const batch = await refusing(() => sql.query(`FETCH ${BATCH_ROWS} FROM answer`));
      yield { columns: batch.columns, rows: batch.rows };
      if (batch.rows.length < BATCH_ROWS) return;
    }
  } finally {
    await sql.exec('ROLLBACK').catch(() => undefined);
  }
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), error);
  }
}

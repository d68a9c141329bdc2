import { PGlite } from '@electric-sql/pglite';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SEED_FILE } from '../../src/warehouses/pglite/seed.ts';
import { watchedDatabase } from '../faults/database-effects.ts';
import { dumpTables, restoreTables, type Tables } from '../faults/tables.ts';
import type { Tripwire } from '../faults/tripwire.ts';

/**
 * The embedded databases of this process. Opening one from its folder takes 0.4 s, so a few
 * databases in memory replace those in folders: a folder keeps its database from command to
 * command, and one that a history leaves is emptied for the next.
 */
export type Databases = AsyncDisposable & {
  /** While the callback runs, the databases' statements are effects of the process of the wire. */
  watching<T>(wire: Tripwire, work: () => Promise<T>): Promise<T>;
  /** The database of a folder; undefined if no command created one. */
  of(folder: string): PGlite | undefined;
  /** The largest number of processes that had one folder open at once since the last call. */
  mostAtOnce(): number;
  /** Empties all databases and forgets their folders. */
  recycle(): Promise<void>;
};

type Create = (options: { dataDir?: string; loadDataDir?: Blob }) => Promise<PGlite>;

/** Loaded from the package's seed if it was built: initdb takes seconds. */
async function newDatabase(create: Create): Promise<PGlite> {
  const seed = join('dist', SEED_FILE);
  return create(existsSync(seed) ? { loadDataDir: new Blob([await readFile(seed)]) } : {});
}

/** From here on `PGlite.create` returns these databases. */
export function embeddedDatabases(): Databases {
  const create = PGlite.create.bind(PGlite) as Create;
  const used = new Map<string, PGlite>();
  const free: PGlite[] = [];
  let wire: Tripwire | undefined;
  let open: string[] = [];
  let most = 0;

  const handOut: Create = async (options) => {
    const folder = options.dataDir;
    if (folder === undefined || folder.startsWith('memory:')) return create(options);
    let db = used.get(folder);
    if (db === undefined) {
      db = free.pop() ?? (await newDatabase(create));
      used.set(folder, db);
    }
    // On open, a folder is checked for a database.
    await mkdir(folder, { recursive: true });
    if (!existsSync(join(folder, 'PG_VERSION')))
      await writeFile(join(folder, 'PG_VERSION'), '18\n');
    open.push(folder);
    most = Math.max(most, open.filter((one) => one === folder).length);
    return staysOpen(wire === undefined ? db : watchedDatabase(db, wire), () => {
      open = open.toSpliced(open.indexOf(folder), 1);
    });
  };
  Object.assign(PGlite, { create: handOut });

  return {
    async watching(other, work) {
      wire = other;
      try {
        return await work();
      } finally {
        wire = undefined;
      }
    },
    of: (folder) => used.get(folder),
    mostAtOnce() {
      const result = most;
      most = 0;
      open = [];
      return result;
    },
    async recycle() {
      for (const db of used.values()) {
        await db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
        await db.exec('DISCARD ALL');
        free.push(db);
      }
      used.clear();
    },
    async [Symbol.asyncDispose]() {
      Object.assign(PGlite, { create });
      for (const db of [...used.values(), ...free]) await db.close();
    },
  };
}

/** Closing restores the session's settings. */
const staysOpen = (db: PGlite, onClose: () => void): PGlite =>
  new Proxy(db, {
    get(target, name) {
      if (name === 'close') return () => Promise.resolve(onClose());
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

const hasTables = async (db: PGlite): Promise<boolean> => {
  const { rows } = await db.query<{ exist: boolean }>(
    `SELECT to_regclass('customer_purchase_sync_state') IS NOT NULL AND to_regclass('customer_purchase_summary') IS NOT NULL AS exist`,
  );
  return rows[0]?.exist === true;
};

/** The serving tables, if they exist. */
export const tablesOf = async (db: PGlite | undefined): Promise<Tables | undefined> =>
  db !== undefined && (await hasTables(db)) ? dumpTables(db) : undefined;

export const putTablesBack = restoreTables;

/** The lake whose load the table holds. */
export type Held = { lake: string | null; commit: string | null; rows: number };

export async function heldBy(db: PGlite | undefined): Promise<Held> {
  const tables = await tablesOf(db);
  const nothing = { lake: null, commit: null, rows: 0 };
  if (tables === undefined) return nothing;
  const [state] = JSON.parse(tables.customer_purchase_sync_state) as Held[];
  const rows = (JSON.parse(tables.customer_purchase_summary) as unknown[]).length;
  return { ...nothing, lake: state?.lake ?? null, commit: state?.commit ?? null, rows };
}

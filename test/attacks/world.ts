import { createHash } from 'node:crypto';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquet } from '../../src/engines/duckdb/files.ts';
import { openSession, type Session } from '../../src/engines/duckdb/session.ts';
import type { Databases } from './databases.ts';
import type { People } from './people.ts';

export type Counts = {
  histories: number;
  steps: number;
  runs: number;
  kills: number;
  erasures: number;
  copies: number;
  backups: number;
  refusals: number;
};

export const noCounts = (): Counts => ({
  histories: 0,
  steps: 0,
  runs: 0,
  kills: 0,
  erasures: 0,
  copies: 0,
  backups: 0,
  refusals: 0,
});

/** State that is shared by all histories of a process. */
export type Environment = AsyncDisposable & {
  databases: Databases;
  counts: Counts;
  /** The rows of a Parquet file, read under a safe name. */
  rows(bytes: Uint8Array): Promise<readonly Row[]>;
};
export type Row = Readonly<Record<string, string | null>>;

/** The environment of one history: a folder with its lakes and the folders of its databases. */
export type World = Environment & {
  folder: string;
  people: People;
  /** The expected rows of the serving table in a folder. */
  tables: Map<string, string>;
  /** The SHA-256 of each file that a commit ever named. */
  committed: Map<string, string>;
};

export async function openEnvironment(databases: Databases, counts: Counts): Promise<Environment> {
  const scratch = await mkdtemp(join(tmpdir(), 'attacks-read-'));
  const reader: Session = await openSession({
    memoryLimit: '300MB',
    threads: 1,
    scratch,
    signal: new AbortController().signal,
  });
  const known = new Map<string, readonly Row[]>();
  return {
    databases,
    counts,
    async rows(bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      let rows = known.get(digest);
      if (rows === undefined) {
        const path = join(scratch, `${digest}.parquet`);
        await writeFile(path, bytes);
        rows = await reader.rows(`select * from ${parquet(reader, [path])}`);
        await rm(path);
        known.set(digest, rows);
      }
      return rows;
    },
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await databases[Symbol.asyncDispose]();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

export async function openWorld(environment: Environment, people: People): Promise<World> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'attacks-')));
  return {
    ...environment,
    folder,
    people,
    tables: new Map(),
    committed: new Map(),
    async [Symbol.asyncDispose]() {
      await environment.databases.recycle();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

import { mkdir } from 'node:fs/promises';

import { type DuckDBConnection, DuckDBInstance, type Json } from '@duckdb/node-api';

import { DiskFailed, stopReason } from '../../errors.ts';
import { type PlainPath, type PlainPaths, plainPaths } from '../../lake/files/plain-paths.ts';
import type { Workspace } from '../../lake/ports/engine.ts';
import { keepProfiles } from './profiles.ts';

export type DuckdbOptions = {
  /** Default: one for each core. */
  threads?: number;
  /** Memory that DuckDB may use before it spills to the step's scratch folder. */
  memoryLimit: string;
  /**
   * Batches with more rows stream from bronze to Parquet; smaller ones are cleaned in a table first
   * (default: 20,000).
   */
  streamFrom?: number;
  /** Folder for DuckDB's JSON profile of every statement; without it there are no profiles. */
  profiles?: string;
};

export type SessionOptions = {
  threads?: number;
  memoryLimit: string;
  scratch: string;
  signal: AbortSignal;
  /** Folder for this session's profiles, one file for each statement. */
  profiles?: string;
};

declare const brand: unique symbol;

/**
 * Name of a temporary table or view in a session. Only `session.table`, `session.view` and
 * `loadTable` return one, so a function that receives a relation reads one that exists.
 */
export type Relation = string & { readonly [brand]: true };

/** An in-memory DuckDB for one step of a run; it spills into the step's scratch folder. */
export type Session = {
  readonly connection: DuckDBConnection;
  run(sql: string): Promise<void>;
  /** Returns every value as text, null as null. */
  rows(sql: string): Promise<Record<string, string | null>[]>;
  /** Creates a temporary table from a select, or replaces the one of that name. */
  table(name: string, sql: string): Promise<Relation>;
  /** Creates a temporary view of a select, or replaces the one of that name. */
  view(name: string, sql: string): Promise<Relation>;
  /** Creates a temporary table without rows, or replaces the one of that name. */
  emptyTable(name: string, columns: string): Promise<Relation>;
  /**
   * Path under which DuckDB reads a file, equal to the column `filename`. Valid until the session
   * is closed.
   */
  file(path: string): PlainPath;
  /** Path under which DuckDB writes a file that the pipeline names. */
  target(path: string): PlainPath;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Opens a session with the settings that the rules rely on: UTC, preserved insertion order (the
 * bytes of a Parquet file depend on it) and no downloads of extensions. Aborting the signal
 * interrupts the running statement. Error: `Interrupted`.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  await mkdir(options.scratch, { recursive: true });
  const paths = plainPaths(options.scratch);
  const instance = await DuckDBInstance.create(':memory:', settingsOf(options, paths));
  const connection = await instance.connect();
  const interrupt = (): void => connection.interrupt();
  options.signal.addEventListener('abort', interrupt);
  const { profiles } = options;
  const keep = profiles === undefined ? undefined : await keepProfiles(connection, profiles, paths);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      options.signal.throwIfAborted();
      const result = await work();
      if (keep !== undefined) await keep();
      return result;
    } catch (error) {
      if (options.signal.aborted) throw stopReason(options.signal, error);
      throw asDiskError(error);
    }
  };
  const run = (sql: string): Promise<void> => guarded(async () => void (await connection.run(sql)));
  const create = async (name: string, sql: string): Promise<Relation> => {
    await run(`create or replace temp ${sql}`);
    return name as Relation;
  };
  const session: Session = {
    connection,
    run,
    table: (name, sql) => create(name, `table ${name} as ${sql}`),
    view: (name, sql) => create(name, `view ${name} as ${sql}`),
    emptyTable: (name, columns) => create(name, `table ${name} (${columns})`),
    rows: (sql) =>
      guarded(async () => {
        const reader = await connection.runAndReadAll(sql);
        return reader
          .getRowObjectsJson()
          .map((row) =>
            Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asText(value)])),
          );
      }),
    file: paths.file,
    target: paths.target,
    async [Symbol.asyncDispose]() {
      options.signal.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
      paths[Symbol.dispose]();
    },
  };
  await session.run(`set TimeZone = 'UTC'`);
  await session.run('create macro regexp_like(s, p) as regexp_matches(s, p)');
  return session;
}

const settingsOf = (options: SessionOptions, paths: PlainPaths): Record<string, string> => ({
  memory_limit: options.memoryLimit,
  temp_directory: paths.folder(options.scratch),
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  preserve_insertion_order: 'true',
  // The operating system already caches files; a second cache takes memory and saves no time.
  enable_external_file_cache: 'false',
  // Returns freed memory to the operating system: without it the peak of every second run was
  // 0.2 GB higher.
  allocator_background_threads: 'true',
  ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
});

/** Opens a session in the workspace's scratch folder; the workspace's signal interrupts it. */
export const openWorkspaceSession = (
  options: DuckdbOptions,
  { scratch, signal }: Workspace,
): Promise<Session> => openSession({ ...options, scratch, signal });

const DISK =
  /No space left on device|Disk quota exceeded|Read-only file system|Permission denied|Too many open files|Input\/output error/;

/** Turns DuckDB's disk errors into `DiskFailed`, which the state machine knows; returns others. */
function asDiskError(error: unknown): unknown {
  if (!(error instanceof Error) || !DISK.test(error.message)) return error;
  return new DiskFailed(`A disk operation of DuckDB failed: ${error.message}.`, {
    hint: 'Free some space or fix the cause, then run again: no partly written file is visible.',
    cause: error,
  });
}

const asText = (value: Json | undefined): string | null =>
  value === null || value === undefined
    ? null
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

/** Returns true if a relation has a row. */
export async function hasRows(session: Session, relation: string): Promise<boolean> {
  return (await session.rows(`select 1 as one from ${relation} limit 1`)).length > 0;
}

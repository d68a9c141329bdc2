import { mkdir } from 'node:fs/promises';

import { type DuckDBConnection, DuckDBInstance, type Json } from '@duckdb/node-api';

import { DiskFailed, stopReason } from '../../errors.ts';
import { type PlainPath, plainPaths } from '../../lake/files/plain-paths.ts';
import type { Workspace } from '../../lake/ports/engine.ts';
import { keepProfiles } from './profiles.ts';

export type DuckdbOptions = {
  /** As many as the machine has cores unless given. */
  threads?: number;
  /** What DuckDB may hold in memory before it spills to the step's scratch folder. */
  memoryLimit: string;
  /**
   * Batches of more rows stream from bronze to Parquet; smaller ones are cleaned in a table first
   * (default: 20,000).
   */
  streamFrom?: number;
  /** A folder for DuckDB's own profile of every statement, as JSON; none is made unless given. */
  profiles?: string;
};

export type SessionOptions = {
  threads?: number;
  memoryLimit: string;
  scratch: string;
  signal: AbortSignal;
  /** Where this session's profiles go, a file a statement. */
  profiles?: string;
};

/** A DuckDB in memory for one step of a run, spilling into the step's scratch folder. */
export type Session = {
  readonly connection: DuckDBConnection;
  run(sql: string): Promise<void>;
  /** Every value as text, null as null. */
  rows(sql: string): Promise<Record<string, string | null>[]>;
  /**
   * The path by which DuckDB reads a file, as its column `filename` names it; good until the
   * session is closed.
   */
  file(path: string): PlainPath;
  /** The path by which DuckDB writes a file whose name is ours. */
  target(path: string): PlainPath;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Opens a session with the settings on which the rules' meaning rests: UTC, insertion order kept
 * (the bytes of a Parquet file hang on it) and no extension ever fetched. Aborting the signal
 * interrupts the running statement: `Interrupted`.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  await mkdir(options.scratch, { recursive: true });
  const paths = plainPaths(options.scratch);
  const settings = {
    memory_limit: options.memoryLimit,
    temp_directory: paths.folder(options.scratch),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'true',
    // The system keeps files that are read again; a second copy of them takes memory and saves no
    // time.
    enable_external_file_cache: 'false',
    // Memory that a statement has freed goes back to the system: else a run's peak was 0.2 GB more
    // every other time.
    allocator_background_threads: 'true',
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
  };
  const instance = await DuckDBInstance.create(':memory:', settings);
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
  const session: Session = {
    connection,
    run: (sql) => guarded(async () => void (await connection.run(sql))),
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

/** A session that works in the workspace's scratch folder, until its signal aborts. */
export const openWorkspaceSession = (
  options: DuckdbOptions,
  { scratch, signal }: Workspace,
): Promise<Session> => openSession({ ...options, scratch, signal });

const DISK =
  /No space left on device|Disk quota exceeded|Read-only file system|Permission denied|Too many open files|Input\/output error/;

/**
 * What the disk refused DuckDB, by the name that the state machine and the user know; any other
 * error as it is.
 */
function asDiskError(error: unknown): unknown {
  if (!(error instanceof Error) || !DISK.test(error.message)) return error;
  return new DiskFailed(`The disk refused what DuckDB asked of it: ${error.message}.`, {
    hint: 'Free some space, or mend what the disk refuses, and run again: nothing half-written is visible.',
    cause: error,
  });
}

const asText = (value: Json | undefined): string | null =>
  value === null || value === undefined
    ? null
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

/** Whether a relation has any row. */
export async function hasRows(session: Session, relation: string): Promise<boolean> {
  return (await session.rows(`select 1 as one from ${relation} limit 1`)).length > 0;
}

import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

import { Interrupted, UsageError } from '../../../errors.ts';
import { type PlainPaths, plainPaths } from '../../../lake/files/plain-paths.ts';
import { copyTo } from '../files.ts';
import { FIRST_NAMES, GENERATE_FILE, LAST_NAMES } from './generate-sql.ts';

type Written = { file: string; rows: number; bytes: number };

/** `files` and `file` are paths under `out`, with `/` between folders. */
export type GenerateOptions = {
  rows: number;
  files: number;
  customers: number;
  seed: number;
  out: string;
  onProgress?: (done: Written) => void;
  signal?: AbortSignal;
};

/** Files written in parallel: 4 keep 4 cores busy; more gain little on a shared disk. */
const WORKERS = 4;

/** One customer for every twenty purchases, a plausible ratio for a shop after four years. */
export function defaultCustomers(rows: number): number {
  return Math.ceil(rows / 20);
}

/**
 * Writes `rows` generated purchases as `files` CSV files below `out`, one folder for each day from
 * 2026-01-01, so that every file has its own ingestion date, which is after all of its purchases.
 * The same options produce the same bytes on any machine with any number of threads. Replaces files
 * of the same name; with fewer rows than files the remaining files contain only a header. Error:
 * `UsageError` for invalid numbers or a folder that cannot be used.
 */
export async function generatePurchases(
  options: GenerateOptions,
): Promise<{ files: string[]; rows: number; bytes: number }> {
  checkNumbers(options);
  await createFolder(options.out);
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
  });
  using paths = plainPaths(options.out);
  try {
    const done = await writeFiles(instance, paths, options);
    return {
      files: done.map(({ file }) => file),
      rows: options.rows,
      bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  } finally {
    instance.closeSync();
  }
}

/**
 * Writes files in parallel: DuckDB's range() uses one thread for one file. The first failure stops
 * the other workers.
 */
async function writeFiles(
  instance: DuckDBInstance,
  paths: PlainPaths,
  options: GenerateOptions,
): Promise<Written[]> {
  const failure = new AbortController();
  const stop = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const written: Written[] = [];
  let next = 0;
  const worker = async () => {
    const connection = await instance.connect();
    const interrupt = () => connection.interrupt();
    stop.addEventListener('abort', interrupt);
    try {
      for (let index = next++; index < options.files && !stop.aborted; index = next++) {
        const done = await writeFile(connection, paths, options, index);
        written[index] = done;
        options.onProgress?.(done);
      }
    } catch (error) {
      failure.abort(error);
    } finally {
      stop.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS, options.files) }, worker));
  if (!failure.signal.aborted && Object.keys(written).length === options.files) return written;
  if (options.signal?.aborted) {
    throw new Interrupted(
      'Interrupted before all files were written; the finished files are kept.',
    );
  }
  throw failure.signal.reason;
}

async function writeFile(
  connection: DuckDBConnection,
  paths: PlainPaths,
  options: GenerateOptions,
  index: number,
): Promise<Written> {
  const { BIGINT, listValue } = await import('@duckdb/node-api');
  const file = fileName(index);
  const target = path.join(options.out, file);
  // A run ignores this ending, so it never reads a partly written file.
  const unfinished = `${target}.tmp`;
  const first = firstRow(options, index);
  const end = firstRow(options, index + 1);
  await mkdir(path.dirname(target), { recursive: true });
  try {
    const numbers = {
      first: BigInt(first),
      end: BigInt(end),
      seed: BigInt(options.seed),
      customers: BigInt(options.customers),
      stride: BigInt(Math.max(1, Math.floor(options.rows / options.customers))),
    };
    const names = { first_names: listValue(FIRST_NAMES), last_names: listValue(LAST_NAMES) };
    // Without a type a bigint is bound as a HUGEINT, which range() does not accept.
    const types = Object.fromEntries(Object.keys(numbers).map((name) => [name, BIGINT]));
    const copy = copyTo(paths, GENERATE_FILE, unfinished, 'format csv, header');
    await connection.run(copy, { ...numbers, ...names }, types);
    const { size } = await stat(unfinished);
    await rename(unfinished, target);
    return { file, rows: end - first, bytes: size };
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/**
 * Number of the file's first row; rows are split evenly. BigInt, since rows times files may exceed
 * 2^53.
 */
function firstRow(options: GenerateOptions, index: number): number {
  return Number((BigInt(options.rows) * BigInt(index)) / BigInt(options.files));
}

function fileName(index: number): string {
  const day = new Date(Date.UTC(2026, 0, 1 + index))
    .toISOString()
    .slice(0, 10)
    .replaceAll('-', '/');
  return `generated/${day}/purchases-${String(index + 1).padStart(4, '0')}.csv`;
}

const LIMITS = {
  rows: [1, 10_000_000_000],
  // One day for each file: until the end of 2035.
  files: [1, 3652],
  // The largest customer_id stays a signed 32-bit number.
  customers: [1, 2_000_000_000],
  seed: [0, Number.MAX_SAFE_INTEGER],
} as const;

function checkNumbers(options: GenerateOptions): void {
  const wrong = (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).filter((name) => {
    const [least, most] = LIMITS[name];
    return !Number.isSafeInteger(options[name]) || options[name] < least || options[name] > most;
  });
  if (wrong.length === 0) return;
  const asked = wrong.map((name) => `${name} ${options[name]}`).join(', ');
  const allowed = wrong
    .map((name) => `${name} from ${LIMITS[name][0]} to ${LIMITS[name][1]}`)
    .join(', ');
  throw new UsageError(`Cannot generate purchases with ${asked}.`, {
    hint: `Give whole numbers: ${allowed}.`,
  });
}

async function createFolder(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
  } catch (cause) {
    throw new UsageError(`Cannot create the folder ${out}: ${(cause as Error).message}.`, {
      hint: 'Give a folder that can be written to.',
      cause,
    });
  }
}

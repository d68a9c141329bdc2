import { quotedPath } from '../../lake/files/plain-paths.ts';
import type { Session } from './session.ts';

// All SQL that names files is built here. By default DuckDB's readers treat paths as glob patterns,
// folders named `a=b` as columns, and file endings as compressions: here paths are plain, and the
// other two are switched off.

const list = (session: Session, paths: readonly string[]): string =>
  `[${paths.map((path) => quotedPath(session.file(path))).join(', ')}]`;

/**
 * A table expression over local Parquet files. `filename` adds a column with the path that
 * `session.file` returns. `byName` reads columns that a file of an older lake lacks as null.
 */
export function parquet(
  session: Session,
  paths: readonly string[],
  { filename = false, byName = false } = {},
): string {
  const options = `${filename ? ', filename = true' : ''}${byName ? ', union_by_name = true' : ''}`;
  return `read_parquet(${list(session, paths)}, hive_partitioning = false${options})`;
}

/**
 * A table expression over local text files: one row a line, without the headers. `options` are
 * passed on to DuckDB's CSV reader.
 */
export const csvFiles = (
  session: Session,
  paths: readonly string[],
  options: string,
  compression: 'none' | 'gzip' = 'none',
): string =>
  `read_csv(${list(session, paths)}, auto_detect = false, header = true, hive_partitioning = false, compression = '${compression}', ${options})`;

/** A table expression over a local file of JSON lines. `columns` is a struct of DuckDB types. */
export const jsonLines = (session: Session, path: string, columns: string): string =>
  `read_json(${list(session, [path])}, format = 'newline_delimited', hive_partitioning = false, compression = 'uncompressed', columns = ${columns})`;

/** SQL that writes a select to a local file or, with `partition_by`, to files below a folder. */
export const copyTo = (
  { target }: Pick<Session, 'target'>,
  select: string,
  path: string,
  format: string,
): string => `copy (${select}\n) to ${quotedPath(target(path))} (${format})`;

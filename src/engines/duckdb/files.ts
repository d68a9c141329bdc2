import { quotedPath } from '../../lake/files/plain-paths.ts';
import type { Session } from './session.ts';

// The only statements that name files to DuckDB. Its readers take paths for patterns, folders named
// `a=b` for columns of the rows, and endings for compressions: here paths are plain, and the other
// two are switched off.

const list = (session: Session, paths: readonly string[]): string =>
  `[${paths.map((path) => quotedPath(session.file(path))).join(', ')}]`;

/**
 * A relation over local Parquet files. `filename`: a column that has what `session.file` answers
 * for each. `byName`: files of older lakes may lack some of the columns, which are null then.
 */
export function parquet(
  session: Session,
  paths: readonly string[],
  { filename = false, byName = false } = {},
): string {
  const more = `${filename ? ', filename = true' : ''}${byName ? ', union_by_name = true' : ''}`;
  return `read_parquet(${list(session, paths)}, hive_partitioning = false${more})`;
}

/**
 * A relation over local text files, each line a row, but for their headers. `options` are further
 * ones of DuckDB's CSV reader.
 */
export const csvFiles = (
  session: Session,
  paths: readonly string[],
  options: string,
  compression: 'none' | 'gzip' = 'none',
): string =>
  `read_csv(${list(session, paths)}, auto_detect = false, header = true, hive_partitioning = false, compression = '${compression}', ${options})`;

/** A relation over a local file of JSON lines. `columns` is a struct of DuckDB types. */
export const jsonLines = (session: Session, path: string, columns: string): string =>
  `read_json(${list(session, [path])}, format = 'newline_delimited', hive_partitioning = false, compression = 'uncompressed', columns = ${columns})`;

/** Writes a select to a local file, or, with `partition_by`, to files below a folder. */
export const copyTo = (
  { target }: Pick<Session, 'target'>,
  select: string,
  path: string,
  format: string,
): string => `copy (${select}\n) to ${quotedPath(target(path))} (${format})`;

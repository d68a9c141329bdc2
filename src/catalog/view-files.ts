import { quotedPath } from '../lake/files/plain-paths.ts';
import type { Column } from '../medallion/layers.ts';

// Only these statements of the views name files to DuckDB. Paths are literal: their folders are not
// parsed into columns.

const list = (paths: readonly string[]): string => `[${paths.map(quotedPath).join(', ')}]`;

export const parquetFiles = (paths: readonly string[], options = ''): string =>
  `read_parquet(${list(paths)}, hive_partitioning = false${options})`;

export function jsonLines(path: string, columns: readonly Column[]): string {
  const types = columns.map(([column, type]) => `${column}: '${type}'`).join(', ');
  return `read_json(${list([path])}, format = 'newline_delimited', hive_partitioning = false, compression = 'uncompressed', columns = {${types}})`;
}

import { join } from 'node:path';

import { literal } from '../../medallion/text.ts';
import type { Session } from './session.ts';

/** A relation over local Parquet files. Hive partitions are not read: what the path says, the ledger says too. */
export const parquet = (paths: readonly string[], options = ''): string =>
  `read_parquet([${paths.map(literal).join(', ')}], hive_partitioning = false${options})`;

/**
 * Snappy costs half of what zstd does, and two thirds more bytes. Dictionaries stop at a thousand values: building one of every
 * e-mail address, only to throw it away, took as long as writing the column. The encodings of version 2 (differences of numbers, lengths
 * of texts) take a quarter of the bytes away, and a third of the time to read them; Spark, Athena, Arrow and Polars read them too.
 */
export const FORMAT =
  'format parquet, parquet_version v2, compression snappy, dictionary_size_limit 1000';

/** Writes a select as one Parquet file; the number of its rows. */
export async function writeParquet(
  session: Session,
  select: string,
  path: string,
): Promise<number> {
  const [row] = await session.rows(`copy (${select}) to ${literal(path)} (${FORMAT})`);
  return Number(row?.['Count'] ?? 0);
}

/** Writes a select with a DATE column `day` as one Parquet file a day, below `folder`; the column goes into no file. */
export async function writeByDay(
  session: Session,
  select: string,
  folder: string,
): Promise<{ day: string; path: string; rows: number }[]> {
  const [written] = await session.rows(
    `copy (${select}) to ${literal(folder)} (${FORMAT}, partition_by (day), filename_pattern 'part')`,
  );
  if (Number(written?.['Count'] ?? 0) === 0) return [];
  const found = await session.rows(
    `select filename, count(*) as n from read_parquet(${literal(join(folder, '*/*.parquet'))}, hive_partitioning = false, filename = true) group by filename order by filename`,
  );
  return found.map(({ filename, n }) => ({
    day: /day=([^/\\]+)/.exec((filename ?? '').slice(folder.length))?.[1] ?? '',
    path: filename ?? '',
    rows: Number(n),
  }));
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { copyTo, parquet } from './files.ts';
import type { Session } from './session.ts';

/**
 * Options of every Parquet file. Snappy takes half of zstd's time and two thirds more bytes.
 * Dictionaries stop at 1,000 values: building one of all e-mail addresses only to discard it took
 * as long as writing the column. The version 2 encodings (differences of numbers, lengths of texts)
 * save a quarter of the bytes and a third of the reading time; Spark, Athena, Arrow and Polars read
 * them.
 */
export const FORMAT =
  'format parquet, parquet_version v2, compression snappy, dictionary_size_limit 1000';

/** Writes a select as one Parquet file and returns the number of rows. */
export async function writeParquet(
  session: Session,
  select: string,
  path: string,
): Promise<number> {
  const [row] = await session.rows(copyTo(session, select, path, FORMAT));
  return Number(row?.['Count'] ?? 0);
}

/**
 * Writes a select with a DATE column `day` as one Parquet file for each day, below `folder`. The
 * files do not contain the column.
 */
export async function writeByDay(
  session: Session,
  select: string,
  folder: string,
): Promise<{ day: string; path: string; rows: number }[]> {
  const daily = `${FORMAT}, partition_by (day), filename_pattern 'part'`;
  const [written] = await session.rows(copyTo(session, select, folder, daily));
  if (Number(written?.['Count'] ?? 0) === 0) return [];
  const days = (await readdir(folder)).toSorted();
  const paths = await Promise.all(days.map((day) => onlyFile(join(folder, day))));
  const counts = await session.rows(
    `select filename, count(*) as n from ${parquet(session, paths, { filename: true })} group by filename`,
  );
  const rows = new Map(counts.map(({ filename, n }) => [filename, Number(n)]));
  return days.map((day, index) => {
    const path = paths[index] ?? '';
    return { day: day.slice('day='.length), path, rows: rows.get(session.file(path)) ?? 0 };
  });
}

async function onlyFile(folder: string): Promise<string> {
  const [name, ...others] = await readdir(folder);
  if (name === undefined || others.length > 0)
    throw new Error(`${folder} holds ${others.length + 1} files for one day; 1 was expected`);
  return join(folder, name);
}

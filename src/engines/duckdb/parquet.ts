import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { copyTo, parquet } from './files.ts';
import type { Session } from './session.ts';

/**
 * Snappy costs half of what zstd does, and two thirds more bytes. Dictionaries stop at a thousand
 * values: building one of every e-mail address, only to throw it away, took as long as writing the
 * column. The encodings of version 2 (differences of numbers, lengths of texts) take a quarter of
 * the bytes away, and a third of the time to read them; Spark, Athena, Arrow and Polars read them
 * too.
 */
export const FORMAT =
  'format parquet, parquet_version v2, compression snappy, dictionary_size_limit 1000';

/** Writes a select as one Parquet file; the number of its rows. */
export async function writeParquet(
  session: Session,
  select: string,
  path: string,
): Promise<number> {
  const [row] = await session.rows(copyTo(session, select, path, FORMAT));
  return Number(row?.['Count'] ?? 0);
}

/**
 * Writes a select with a DATE column `day` as one Parquet file a day, below `folder`; the column
 * goes into no file.
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
    throw new Error(`${folder} holds ${others.length + 1} files where a day has one`);
  return join(folder, name);
}

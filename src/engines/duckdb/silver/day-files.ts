import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { DataFile } from '../../../lake/ledger/records.ts';
import { storeFile } from '../../../lake/files/store-file.ts';
import type { RowsContext } from '../../../medallion/rows-context.ts';
import type { BatchContext } from '../bronze/rows.ts';
import { writeByDay, writeParquet } from '../parquet.ts';

/** A finished file of a layer with the batch's rows of one day. */
export type DayFile = { day: string; path: string; rows: number };

export const pathsOf = (files: readonly DayFile[]): string[] => files.map(({ path }) => path);

export async function writeLayer(
  { session, workspace }: BatchContext,
  { ingestionDate, eachDay }: RowsContext,
  name: string,
  select: string,
): Promise<DayFile[]> {
  const path = join(workspace.scratch, name);
  if (eachDay === true) {
    // Removes files of an earlier attempt.
    await rm(path, { recursive: true, force: true });
    const daily = `select l.*, b.ingestion_day as day from (${select}) l join batch b using (object_key)`;
    return writeByDay(session, daily, path);
  }
  const rows = await writeParquet(session, select, `${path}.parquet`);
  if (rows > 0) return [{ day: ingestionDate, path: `${path}.parquet`, rows }];
  await rm(`${path}.parquet`);
  return [];
}

/** Stores the files in the lake and returns them by day. */
export async function storeDayFiles(
  { workspace }: BatchContext,
  files: readonly DayFile[],
  keyOf: (day: string) => string,
): Promise<Map<string, DataFile>> {
  const stored = new Map<string, DataFile>();
  for (const { day, path, rows } of files) {
    stored.set(day, await storeFile(workspace, { path, key: keyOf(day), rows }));
    await rm(path);
  }
  return stored;
}

import { mkdir } from 'node:fs/promises';

import type { Comparer } from '../../lake/ports/comparer.ts';
import type { Workplace } from '../../lake/ports/engine.ts';
import { literal } from '../../medallion/text.ts';
import { compareCustomers, compareLayer, compareTotals } from './compare.ts';
import type { DuckdbOptions } from './engine.ts';
import { parquet } from './parquet.ts';
import { openSession, type Session } from './session.ts';

/** Tells lakes and tables apart with DuckDB, in process. */
export function duckdbComparer(options: DuckdbOptions): Comparer {
  const open = async ({ scratch, signal }: Workplace): Promise<Session> => {
    await mkdir(scratch, { recursive: true });
    return openSession({ ...options, scratch, signal });
  };
  return {
    async layer(work, layer, sides, limit) {
      await using session = await open(work);
      return await compareLayer(session, work, layer, sides, limit);
    },
    async customers(work, sides, limit) {
      await using session = await open(work);
      return await compareCustomers(session, work, sides, limit);
    },
    async totals(work, sides, limit) {
      await using session = await open(work);
      return await compareTotals(session, work, sides, limit);
    },
    async customerIn(work, customer, versions) {
      await using session = await open(work);
      return await customerIn(session, work, customer, versions);
    },
    async objectsOf(work, customer, rows, keys) {
      await using session = await open(work);
      return await objectsOf(session, work, customer, rows, keys);
    },
  };
}

async function customerIn(
  session: Session,
  work: Workplace,
  customer: number,
  versions: { seq: number; files: string[] }[],
): Promise<{ seq: number; row: Record<string, string | null> }[]> {
  const found: { seq: number; row: Record<string, string | null> }[] = [];
  for (const { seq, files } of versions) {
    if (files.length === 0) continue;
    const local = await Promise.all(files.map((key) => work.store.local(key, work.scratch)));
    const [row] = await session.rows(
      `select * from ${parquet(local)} where customer_id = ${customer}`,
    );
    if (row !== undefined) found.push({ seq, row });
  }
  return found;
}

async function objectsOf(
  session: Session,
  work: Workplace,
  customer: number,
  rows: { object: string; file: string }[],
  keys: string[],
): Promise<{ object: string; file: string }[]> {
  const local = new Map<string, string>();
  for (const file of new Set(rows.map((row) => row.file)))
    local.set(await work.store.local(file, work.scratch), file);
  if (local.size === 0) return [];
  const registered =
    keys.length === 0
      ? ''
      : ` or customer_key in (select customer_key from ${parquet(await Promise.all(keys.map((key) => work.store.local(key, work.scratch))))} where customer_id = ${customer})`;
  const named = [...local.keys()].map(literal).join(', ');
  const theirs = await session.rows(
    `select distinct object_key, filename from read_parquet([${named}], hive_partitioning = false, filename = true) where customer_id = ${customer}${registered}`,
  );
  const known = new Set(
    theirs.map((row) => JSON.stringify([row['object_key'], local.get(row['filename'] ?? '')])),
  );
  return rows.filter(({ object, file }) => known.has(JSON.stringify([object, file])));
}

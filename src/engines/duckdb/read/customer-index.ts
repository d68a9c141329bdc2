import { mkdir } from 'node:fs/promises';

import type { Comparer, ObjectRows } from '../../../lake/ports/comparer.ts';
import type { Workplace } from '../../../lake/ports/engine.ts';
import { compareCustomers, compareLayer, compareTotals } from './diff.ts';
import { parquet } from '../files.ts';
import { type DuckdbOptions, openSession, type Session } from '../session.ts';

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
    async objectsOf(work, customer, among) {
      await using session = await open(work);
      return await objectsOf(session, work, customer, among);
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
      `select * from ${parquet(session, local)} where customer_id = ${customer}`,
    );
    if (row !== undefined) found.push({ seq, row });
  }
  return found;
}

async function objectsOf(
  session: Session,
  work: Workplace,
  customer: number,
  { candidates, live, keys }: { candidates: ObjectRows[]; live: string[]; keys: string[] },
): Promise<ObjectRows[]> {
  const files = new Set(candidates.map(({ file }) => file));
  if (files.size === 0) return [];
  const local = new Map<string, string>();
  for (const file of new Set([...files, ...live]))
    local.set(file, session.file(await work.store.local(file, work.scratch)));
  const registry = await Promise.all(keys.map((key) => work.store.local(key, work.scratch)));
  const keyed =
    registry.length === 0
      ? 'false'
      : `customer_key in (select customer_key from ${parquet(session, registry)} where customer_id = ${customer})`;
  const own = `coalesce(customer_id = ${customer}, false) or coalesce(${keyed}, false)`;
  await session.run(
    `create temp table purchases as select distinct source, purchase_id from ${parquet(session, [...local.values()])} where ${own}`,
  );
  const among = [...files].map((file) => local.get(file) ?? '');
  const rows = await session.rows(
    `select distinct object_key, filename from ${parquet(session, among, { filename: true })} s where exists (select 1 from purchases p where p.source = s.source and p.purchase_id = s.purchase_id)`,
  );
  const theirs = new Set(rows.map((row) => JSON.stringify([row['object_key'], row['filename']])));
  return candidates.filter(({ object, file }) =>
    theirs.has(JSON.stringify([object, local.get(file)])),
  );
}

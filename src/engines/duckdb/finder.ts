import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { MadeObjects, Workplace } from '../../lake/ports/engine.ts';
import type { Finder, FoundRow, Wanted } from '../../lake/ports/finder.ts';
import type { DataFile } from '../../lake/records.ts';
import { storeFile } from '../../lake/store-file.ts';
import { cleanedRows } from '../../medallion/bronze-to-silver.ts';
import { DISPLAY_NAME } from '../../medallion/silver-to-gold.ts';
import { bronzeToSilver } from './bronze-to-silver.ts';
import { mustNotCollide } from './customer-keys.ts';
import { duckdbDialect } from './dialect.ts';
import { openLanes } from './lanes.ts';
import { openVersions } from './live-versions.ts';
import type { BatchRows, MakeBatch } from './make-batch.ts';
import { parquet } from './files.ts';
import { writeParquet } from './parquet.ts';
import { type DuckdbOptions, openSession, type Session } from './session.ts';

/** Finds people with DuckDB, in process, reading bronze just as the engine does. */
export function duckdbFinder(options: DuckdbOptions): Finder {
  return {
    async mustNotCollide(work, lake, except) {
      if (lake.keys.files.length === 0) return;
      await using session = await openSession({ ...options, ...work });
      await openVersions(session, work, lake);
      await session.run('create temp table excepted (object_key varchar)');
      const appender = await session.connection.createAppender('excepted');
      for (const key of except) {
        appender.appendVarchar(key);
        appender.endRow();
      }
      appender.closeSync();
      const counts = 'object_key not in (select object_key from excepted)';
      await mustNotCollide(session, 'versions_read', counts);
    },
    async rows(work, task, wanted) {
      if (task.objects.length === 0) return [];
      const found: FoundRow[] = [];
      await mkdir(work.scratch, { recursive: true });
      await using lanes = await openLanes(options, work, task.objects.length);
      const use = async (make: MakeBatch, batch: BatchRows): Promise<MadeObjects> => {
        found.push(...(await foundIn(make, batch, wanted)));
        return { objects: batch.records, files: [] };
      };
      await bronzeToSilver(lanes, { name: 'finder', use }, work, task, options.streamFrom);
      return found;
    },
    async without(work, files, customers, key) {
      await using session = await openSession({ ...options, ...work });
      return await without(session, work, files, customers, key);
    },
  };
}

/**
 * Every row as a row of its own, lines of a purchase too, with the customer that it says and, as owner, the one whom its purchase counts for.
 * Whoever is wanted is known to the host alone, so the names go there: each customer once, and the few rows that are nobody's.
 */
async function foundIn(
  { session, task }: MakeBatch,
  { rows, context }: BatchRows,
  wanted: Wanted,
): Promise<FoundRow[]> {
  const { source } = context;
  const cleaned = cleanedRows(
    duckdbDialect,
    { ...context, source: { ...source, rows: 'purchases' }, timeZone: task.timeZone },
    `(${rows.all}) r`,
  );
  const owner = (column: string): string =>
    source.rows === 'purchases'
      ? column
      : `coalesce(first_value(${column} ignore nulls) over (partition by object_key, coalesce(v_purchase_id, 'row ' || row_number) order by row_number rows between unbounded preceding and unbounded following), ${column})`;
  await session.run(`create or replace temp table told as
select object_key, row_number, malformed, raw, email, ${DISPLAY_NAME} as name, v_purchase_id as purchase_id,
  cast(customer_id as varchar) as id, customer_key as key, cast(${owner('customer_id')} as varchar) as owner_id, ${owner('customer_key')} as owner_key
from (${cleaned}) c`);
  await namesOf(session, source.name, wanted);
  await nobodysOf(session, wanted);
  const found = await session.rows(`select object_key, row_number, theirs from (
  select object_key, row_number, (n.id is not null or p.purchase_id is not null or b.row_number is not null) as theirs, own.id is not null as named
  from told t
  left join wanted_names n on n.id is not distinct from t.owner_id and n.key is not distinct from t.owner_key
  left join wanted_names own on own.id is not distinct from t.id and own.key is not distinct from t.key
  left join wanted_purchases p using (purchase_id)
  left join nobodys b using (object_key, row_number)
) f where theirs or named order by object_key, row_number`);
  await session.run('drop table told');
  return found.map(({ object_key, row_number, theirs }) => ({
    object: object_key ?? '',
    row: Number(row_number),
    theirs: theirs === 'true',
  }));
}

/** The tables `wanted_names` and `wanted_purchases`: those of the batch that are wanted. An absent half of a name is an empty text. */
async function namesOf(session: Session, source: string, wanted: Wanted): Promise<void> {
  await session.run(`update told set id = coalesce(id, ''), key = coalesce(key, '')`);
  await session.run(
    `update told set owner_id = coalesce(owner_id, ''), owner_key = coalesce(owner_key, '')`,
  );
  const names = await session.rows(
    `select id, key from told union select owner_id, owner_key from told`,
  );
  const some = (text: string | null | undefined): string | null =>
    text === '' || text === undefined ? null : text;
  const hits = names.filter(({ id, key }) => wanted.customer(some(id), some(key)));
  await fill(session, 'wanted_names', ['id', 'key'], hits);
  const purchases =
    wanted.purchase === undefined
      ? []
      : await session.rows(
          'select distinct purchase_id from told where purchase_id is not null and not malformed',
        );
  const gone = purchases.filter(({ purchase_id }) => wanted.purchase?.(source, purchase_id ?? ''));
  await fill(session, 'wanted_purchases', ['purchase_id'], gone);
}

async function nobodysOf(session: Session, wanted: Wanted): Promise<void> {
  const rows = await session.rows(
    `select object_key, cast(row_number as varchar) as row_number, malformed, raw, email, name from told where malformed or (owner_id = '' and owner_key = '')`,
  );
  const hits = rows.filter(({ malformed, raw, email, name }) =>
    wanted.nobodys({
      malformed: malformed === 'true',
      raw: raw ?? '',
      email: email ?? null,
      name: name ?? null,
    }),
  );
  await fill(session, 'nobodys', ['object_key', 'row_number'], hits);
}

/** A table of texts. Values go through the appender, never into a statement. */
async function fill(
  session: Session,
  table: 'wanted_names' | 'wanted_purchases' | 'nobodys',
  columns: readonly string[],
  rows: readonly Record<string, string | null>[],
): Promise<void> {
  const types = columns.map(
    (column) => `${column} ${column === 'row_number' ? 'bigint' : 'varchar'}`,
  );
  await session.run(`create or replace temp table ${table} (${types.join(', ')})`);
  const appender = await session.connection.createAppender(table);
  for (const row of rows) {
    for (const column of columns)
      if (column === 'row_number') appender.appendBigInt(BigInt(row[column] ?? 0));
      else appender.appendVarchar(row[column] ?? '');
    appender.endRow();
  }
  appender.closeSync();
}

async function without(
  session: Session,
  { store, scratch }: Workplace,
  files: readonly DataFile[],
  customers: readonly number[],
  key: string,
): Promise<DataFile | undefined> {
  if (files.length === 0) return undefined;
  const relation = parquet(
    session,
    await Promise.all(files.map((file) => store.local(file.key, scratch))),
  );
  const [named] = await session.rows(
    `select count(*) as n from ${relation} where customer_id in (${customers.join(', ')})`,
  );
  if (Number(named?.['n'] ?? 0) === 0) return undefined;
  const path = join(scratch, 'without.parquet');
  const rows = await writeParquet(
    session,
    `select * from ${relation} where customer_id not in (${customers.join(', ')})`,
    path,
  );
  return storeFile({ store, scratch }, { path, key, rows });
}

import type { PGlite, Transaction } from '@electric-sql/pglite';
import { QueryRefused } from '../../errors.ts';
import type {
  Load,
  QueryResult,
  Remainder,
  UpsertResult,
  Warehouse,
} from '../../lake/ports/warehouse.ts';
import { migratePostgres, migrationsOfPostgres } from '../postgres/schema.ts';
import { reanalyze, NAMING } from '../postgres/forget-sql.ts';
import {
  CLEAR_LOADS,
  copyLoad,
  NAME_LOAD,
  postgresUpsert,
  READ_STATE,
} from '../postgres/statements.ts';
import { assertTablesFit } from '../check-tables.ts';
import { postgresShape } from '../postgres/shape.ts';
import { indexFaults, rebuildIndexes } from '../postgres/indexes.ts';
import { syncState, upsert } from '../upsert.ts';
import { recordChunks } from '../record-chunks.ts';
import { onFolder } from './failures.ts';
import { nested, pgliteSql, textOptions, type TextOptions } from './sql.ts';

/**
 * PGlite holds a chunk of COPY several times in memory and never releases it, so chunks stay small.
 */
const COPY_BYTES = 4 * 1024 * 1024;
const COPY_LOAD = copyLoad("'/dev/blob'");

/**
 * The folder of an embedded database, and the function that closes it; a database in memory has no
 * folder.
 */
export type PglitePlace = { folder: string; close(): Promise<void> };

/**
 * Implements the warehouse port over an open PGlite database, which `close` closes. Errors in a
 * folder: `DiskFailed`, `WarehouseDamaged`.
 */
export function pgliteWarehouse(db: PGlite, name: string, place?: PglitePlace): Warehouse {
  const sql = pgliteSql(db);
  const options = textOptions(db);
  const on = <T>(work: () => Promise<T>): Promise<T> =>
    place === undefined ? work() : onFolder(place.folder, work);
  return {
    name,
    migrate: () => on(() => migratePostgres(sql)),
    migrations: () => on(() => migrationsOfPostgres(sql)),
    state: () =>
      on(async () => {
        await assertTablesFit(sql, postgresShape, 'whole');
        const row = (await sql.query(READ_STATE)).rows[0];
        return { sync: syncState(row), empty: row?.[3] === '1', foreign: Number(row?.[4]) };
      }),
    stage: (load, csv) =>
      on(() => db.transaction((transaction) => stage(transaction, options, load, csv))),
    upsert: (load) => on(() => upsertAndTidy(db, load)),
    query: (statement) =>
      on(() => db.transaction((transaction) => readOnly(transaction, options, statement))),
    indexFaults: () => on(() => indexFaults(sql)),
    rebuildIndexes: () => on(() => rebuildIndexes(sql)),
    forget: () => on(() => forget(db)),
    close: () => (place === undefined ? db.close() : place.close()),
  };
}

async function stage(
  transaction: Transaction,
  options: TextOptions,
  load: Load,
  csv: AsyncIterable<Uint8Array>,
): Promise<void> {
  const sql = nested(transaction, options);
  await sql.query(CLEAR_LOADS);
  await sql.query(NAME_LOAD, [load.loadId]);
  for await (const parts of recordChunks(csv, COPY_BYTES)) {
    await transaction.query(COPY_LOAD, [], { blob: new Blob(parts as Uint8Array<ArrayBuffer>[]) });
  }
}

/**
 * Vacuums after the upsert: PGlite runs no autovacuum, so the folder would keep every row that was
 * ever staged, replaced or erased.
 */
async function upsertAndTidy(db: PGlite, load: Load | undefined): Promise<UpsertResult> {
  const result = await upsert(pgliteSql(db), postgresUpsert, load, (transaction) =>
    assertTablesFit(transaction, postgresShape, 'columns'),
  );
  if (load !== undefined || result.foreign > 0)
    await db.exec('VACUUM customer_purchase_summary_staging');
  if (result.inserted + result.updated + result.deleted > 0)
    await db.exec('VACUUM ANALYZE customer_purchase_summary');
  return result;
}

/**
 * Rewrites the tables and the planner's statistics, and removes old log: deleted rows stay in the
 * old pages and in the log's segments until these are overwritten. Segments before the last
 * checkpoint are removed, not recycled; the second checkpoint releases the one in which the first
 * began.
 */
async function forget(db: PGlite): Promise<Remainder[]> {
  await reanalyze(pgliteSql(db));
  for (const table of NAMING) await db.exec(`VACUUM FULL ${table}`);
  await db.exec('VACUUM FULL pg_catalog.pg_statistic');
  await db.exec('SET wal_recycle = off');
  for (let time = 0; time < 2; time += 1) {
    await db.query('SELECT pg_switch_wal()');
    await db.exec('CHECKPOINT');
  }
  return [];
}

/**
 * A read-only transaction still lets COPY overwrite files of the server; a role that may only read
 * does not. The extended protocol accepts one statement, and its settings are rolled back.
 */
async function readOnly(
  transaction: Transaction,
  options: TextOptions,
  statement: string,
): Promise<QueryResult> {
  await transaction.exec('SET TRANSACTION READ ONLY; SET LOCAL ROLE pg_read_all_data');
  const { columns, rows } = await nested(transaction, options)
    .query(statement)
    .catch((cause: unknown) => {
      throw refused(cause instanceof Error ? cause.message : String(cause), cause);
    });
  await transaction.rollback();
  if (columns.length === 0) throw refused('it is not a query that returns rows');
  return { columns, rows };
}

function refused(why: string, cause?: unknown): QueryRefused {
  return new QueryRefused(`The warehouse refuses the query: ${why}`, {
    hint: 'Give one SELECT; the serving table is customer_purchase_summary.',
    cause,
  });
}

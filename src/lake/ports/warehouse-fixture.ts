import { SERVING_LIST } from '../../medallion/gold/serving-columns.ts';
import { loadCsv, loadOf, pieces, type LoadRow } from './warehouse-load-rows.ts';
import type { Load, UpsertResult, Warehouse } from './warehouse.ts';

/**
 * A warehouse on an empty database. `externalSql` sends plain SQL, as a writer other than the
 * pipeline does.
 */
export type OpenedWarehouse = {
  warehouse: Warehouse;
  externalSql(statements: string): Promise<void>;
  /** Options after the column list of a CREATE TABLE statement. */
  tableOptions?: string;
};

/** The warehouse of the running suite. */
export type Opened = () => OpenedWarehouse;

export const SIX = SERVING_LIST;
export const MAIN = 'customer_purchase_summary';
export const STAGING = 'customer_purchase_summary_staging';

/** The fields that turn a load of `loadOf` into the second load. */
export const SECOND = { loadId: 'load-2', fromSeq: 1, toSeq: 2, commit: 'c2' };

/** Returns the serving table's six columns as one line per row, ordered by customer. */
export async function dump(warehouse: Warehouse): Promise<string[]> {
  const { rows } = await warehouse.query(`SELECT ${SIX} FROM ${MAIN} ORDER BY customer_id`);
  return rows.map((row) => JSON.stringify(row));
}

/** The result of `dump` for a table with exactly these rows. */
export function dumped(rows: readonly LoadRow[]): string[] {
  return rows.map(([id, ...fields]) => JSON.stringify([String(id), ...fields.slice(0, -1)]));
}

/** Stages the rows and upserts them. */
export async function load(
  warehouse: Warehouse,
  rows: readonly LoadRow[],
  other: Partial<Load> = {},
): Promise<UpsertResult> {
  const staged = loadOf(rows, other);
  await warehouse.stage(staged, pieces(loadCsv(rows)));
  return warehouse.upsert(staged);
}

/** Counts the rows of staging, of loads and of external writers. */
export async function stagedRows(warehouse: Warehouse): Promise<number> {
  return Number((await warehouse.query(`SELECT count(*) FROM ${STAGING}`)).rows[0]?.[0]);
}

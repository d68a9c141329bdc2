import { loadCsv, loadOf, pieces, type LoadRow } from './warehouse-load-rows.ts';
import type { Load, UpsertResult, Warehouse } from './warehouse.ts';

/**
 * A warehouse on an empty database, and a way to send it plain SQL as a writer that is not the
 * pipeline would.
 */
export type OpenedWarehouse = {
  warehouse: Warehouse;
  externalSql(statements: string): Promise<void>;
  /** What a table that a test makes must say after its columns. */
  tableOptions?: string;
};

/** The warehouse of the running suite. */
export type Opened = () => OpenedWarehouse;

export const SIX =
  'customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date';
export const MAIN = 'customer_purchase_summary';
export const STAGING = 'customer_purchase_summary_staging';

/** What makes a load the second one, on top of `loadOf`'s. */
export const SECOND = { loadId: 'load-2', fromSeq: 1, toSeq: 2, commit: 'c2' };

/** The serving table's six columns, a line a row, by customer. */
export async function dump(warehouse: Warehouse): Promise<string[]> {
  const { rows } = await warehouse.query(`SELECT ${SIX} FROM ${MAIN} ORDER BY customer_id`);
  return rows.map((row) => JSON.stringify(row));
}

/** What `dump` gives where the table holds just these. */
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

/** How many rows staging holds, whoever wrote them. */
export async function stagedRows(warehouse: Warehouse): Promise<number> {
  return Number((await warehouse.query(`SELECT count(*) FROM ${STAGING}`)).rows[0]?.[0]);
}

import type { PGlite } from '@electric-sql/pglite';

/** Columns of gold, in order. */
export const GOLD_COLUMNS = [
  'customer_id',
  'full_name',
  'email',
  'total_spent_aud',
  'first_purchase_date',
  'last_purchase_date',
  'purchase_count',
] as const;
/** Columns of the serving table that come from gold. */
const SERVED_COLUMNS = GOLD_COLUMNS.slice(0, 6);

export type GoldRow = Readonly<Partial<Record<(typeof GOLD_COLUMNS)[number], string | null>>>;

const lines = (rows: readonly GoldRow[], columns: readonly (keyof GoldRow)[]): string[] =>
  rows.map((row) => columns.map((column) => row[column] ?? 'null').join(' | ')).toSorted();

/** Rows of gold as sorted lines. */
export const goldLines = (rows: readonly GoldRow[]): string[] => lines(rows, GOLD_COLUMNS);

/** Rows of gold as text of the serving table: sorted, one line per customer. */
export const servedText = (rows: readonly GoldRow[]): string =>
  lines(rows, SERVED_COLUMNS).join('\n');

/**
 * The serving table as a reader sees it, in the form of `servedText`. Totals never pass through a
 * binary floating-point number.
 */
export async function servingTableText(db: PGlite): Promise<string> {
  const columns = SERVED_COLUMNS.map((column) => `${column}::text`).join(', ');
  const { rows } = await db.query<GoldRow>(`SELECT ${columns} FROM customer_purchase_summary`);
  return servedText(rows);
}

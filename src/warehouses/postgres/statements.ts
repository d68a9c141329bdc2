import { SERVING_LIST, SERVING_VALUES } from '../../medallion/gold/serving-columns.ts';
import type { UpsertStatements } from '../upsert.ts';

/**
 * The SQL of the serving tables for PostgreSQL 15 and later, PGlite included. The only bound value
 * is a load's id, as $1, by default.
 */
const of = (alias: string): string => SERVING_VALUES.map((field) => `${alias}.${field}`).join(', ');

/** Removes rows that loads have staged and not applied; rows of external writers stay. */
export const CLEAR_LOADS =
  'DELETE FROM customer_purchase_summary_staging WHERE load_id IS NOT NULL';

/** Sets the load of the rows that this transaction copies into staging. */
export const NAME_LOAD = "SELECT set_config('customer_purchase.load_id', $1, true)";

/** Reads a load file; the adapter supplies the source (`STDIN`, a file). */
export const copyLoad = (source: string): string => `
COPY customer_purchase_summary_staging (${SERVING_LIST}, operation)
FROM ${source} WITH (FORMAT csv, NULL '', ENCODING 'UTF8')`;

/**
 * One row: lake, seq, commit, 1 if the serving table has no row, staged rows of external writers.
 */
export const READ_STATE = `
SELECT
  lake,
  seq,
  commit,
  (SELECT NOT EXISTS (SELECT FROM customer_purchase_summary))::int,
  (SELECT count(*) FROM customer_purchase_summary_staging WHERE load_id IS NULL AND customer_id IS NOT NULL)
FROM customer_purchase_sync_state`;

export const postgresUpsert: UpsertStatements = {
  lockState: 'SELECT lake, seq, commit FROM customer_purchase_sync_state FOR UPDATE',

  anyRow: 'SELECT EXISTS (SELECT FROM customer_purchase_summary)::int',

  anyExternal: `
SELECT EXISTS (
  SELECT FROM customer_purchase_summary_staging
  WHERE load_id IS NULL AND customer_id IS NOT NULL
)::int`,

  // Claiming first fixes the set of rows: rows that a writer appends meanwhile are applied by the
  // next upsert.
  claimExternal: `
UPDATE customer_purchase_summary_staging
SET load_id = $1, operation = 'upsert'
WHERE load_id IS NULL AND customer_id IS NOT NULL`,

  keepLastStaged: `
DELETE FROM customer_purchase_summary_staging AS older
USING (
  SELECT customer_id, max(staged_id) AS staged_id
  FROM customer_purchase_summary_staging
  WHERE load_id = $1
  GROUP BY customer_id
  HAVING count(*) > 1
) AS last
WHERE older.load_id = $1 AND older.customer_id = last.customer_id AND older.staged_id < last.staged_id`,

  // Without it, a staging table that was just filled counts as nearly empty, and 500,000 rows are
  // joined by nested loops: minutes instead of a second. The joins need only these columns (0.1 s).
  // A server whose cost settings assume a spinning disk, as by default, reads the whole serving
  // table for each join with a few staged rows, in twice the time of its index.
  analyze: `SELECT customer_purchase_analyze_staging(), set_config('random_page_cost', '1.1', true)`,

  countStaged: `
SELECT count(*), count(DISTINCT customer_id)
FROM customer_purchase_summary_staging
WHERE load_id = $1`,

  dropRepeats: `
DELETE FROM customer_purchase_summary_staging AS again
USING (
  SELECT min(staged_id) AS staged_id, ${SERVING_LIST}, operation
  FROM customer_purchase_summary_staging
  WHERE load_id = $1
  GROUP BY ${SERVING_LIST}, operation
  HAVING count(*) > 1
) AS first
WHERE again.load_id = $1
  AND again.customer_id = first.customer_id
  AND again.staged_id > first.staged_id
  AND (${of('again')}, again.operation) IS NOT DISTINCT FROM (${of('first')}, first.operation)`,

  lockRows: `
SELECT FROM customer_purchase_summary AS main
JOIN customer_purchase_summary_staging AS staged USING (customer_id)
WHERE staged.load_id = $1
  AND (staged.operation = 'delete' OR (${of('main')}) IS DISTINCT FROM (${of('staged')}))
ORDER BY customer_id
FOR UPDATE OF main`,

  updateChanged: `
UPDATE customer_purchase_summary AS main
SET
${SERVING_VALUES.map((field) => `  ${field} = staged.${field},`).join('\n')}
  updated_at = now()
FROM customer_purchase_summary_staging AS staged
WHERE staged.load_id = $1
  AND staged.operation = 'upsert'
  AND main.customer_id = staged.customer_id
  AND (${of('main')}) IS DISTINCT FROM (${of('staged')})`,

  insertIntoEmpty: 'SELECT customer_purchase_fill($1)',

  // An anti-join in place of the conflict check does not avoid its cost (1.2 s of 500,000 rows):
  // planned for a small table, it scans the growing one again for every row.
  insertNew: `
INSERT INTO customer_purchase_summary (${SERVING_LIST})
SELECT ${SERVING_LIST}
FROM customer_purchase_summary_staging
WHERE load_id = $1 AND operation = 'upsert'
ORDER BY customer_id
ON CONFLICT (customer_id) DO NOTHING`,

  deleteVanished: `
DELETE FROM customer_purchase_summary AS main
USING customer_purchase_summary_staging AS staged
WHERE staged.load_id = $1 AND staged.operation = 'delete' AND staged.customer_id = main.customer_id`,

  deleteUnnamed: `
DELETE FROM customer_purchase_summary AS main
WHERE NOT EXISTS (
  SELECT FROM customer_purchase_summary_staging AS staged
  WHERE staged.load_id = $1 AND staged.operation = 'upsert' AND staged.customer_id = main.customer_id
)`,

  clearLoad: 'DELETE FROM customer_purchase_summary_staging WHERE load_id = $1',

  clearInUpsert: 'SELECT customer_purchase_clear($1)',

  otherLoads: 'SELECT DISTINCT load_id FROM customer_purchase_summary_staging WHERE load_id <> $1',

  // Binds lake, seq, commit.
  recordState:
    'UPDATE customer_purchase_sync_state SET lake = $1, seq = $2, commit = $3, synced_at = now()',
};

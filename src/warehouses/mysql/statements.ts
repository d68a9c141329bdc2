import {
  SERVING_LIST,
  SERVING_VALUES,
  type ServingColumn,
} from '../../medallion/gold/serving-columns.ts';
import type { UpsertStatements } from '../upsert.ts';

/**
 * The SQL of the serving tables for MySQL 8 and MariaDB, under READ COMMITTED. $1 is the load's id
 * by default; $2 and $3 are the first and the last customer of a slice. Texts are compared as
 * bytes: both databases' binary collation treats `a` and `a ` as equal.
 */
const TEXTS = new Set<ServingColumn>(['full_name', 'email']);
const STAGING = 'customer_purchase_summary_staging';

/** Each may be on its own page (16 kB) of the serving table: 8 MB, which any server can cache. */
const SLICE_CUSTOMERS = 500;

/** True if every field is equal, where NULL equals NULL. */
const same = (a: string, b: string): string =>
  SERVING_VALUES.map((field) =>
    TEXTS.has(field)
      ? `CAST(${a}.${field} AS BINARY) <=> CAST(${b}.${field} AS BINARY)`
      : `${a}.${field} <=> ${b}.${field}`,
  ).join('\n  AND ');

/**
 * Reads a load file whose NULL is an unquoted word. LOCAL: the bytes come from this connection.
 * Binds the load's id.
 */
export const LOAD_DATA = `
LOAD DATA LOCAL INFILE 'load.csv' INTO TABLE ${STAGING}
CHARACTER SET utf8mb4
FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY ''
LINES TERMINATED BY '\\n'
(${SERVING_LIST}, operation)
SET load_id = $1`;

/** Binds rows of the load file's columns and the load's id. */
export const INSERT_ROWS = `INSERT INTO ${STAGING} (${SERVING_LIST}, operation, load_id) VALUES ?`;

/**
 * One row: lake, seq, commit, 1 if the serving table has no row, staged rows of external writers.
 */
export const READ_STATE = `
SELECT
  lake,
  seq,
  commit,
  NOT EXISTS (SELECT 1 FROM customer_purchase_summary),
  (SELECT count(*) FROM ${STAGING} WHERE load_id IS NULL AND customer_id IS NOT NULL)
FROM customer_purchase_sync_state`;

const CLEAR_LOAD = `DELETE FROM ${STAGING} WHERE load_id = $1`;

/** Uses the index on (load_id, customer_id), so rows are locked in the order of their customers. */
const STAGED = `${STAGING} AS staged FORCE INDEX (${STAGING}_load)`;
const CHANGED = `${STAGED}
STRAIGHT_JOIN customer_purchase_summary AS main ON main.customer_id = staged.customer_id`;
const IN_SLICE = 'staged.load_id = $1 AND staged.customer_id BETWEEN $2 AND $3';

export const mysqlUpsert: UpsertStatements = {
  lockState: 'SELECT lake, seq, commit FROM customer_purchase_sync_state FOR UPDATE',

  anyRow: 'SELECT EXISTS (SELECT 1 FROM customer_purchase_summary)',

  anyExternal: `
SELECT EXISTS (SELECT 1 FROM ${STAGING} WHERE load_id IS NULL AND customer_id IS NOT NULL)`,

  // An index search would wait for a row that a writer has not committed yet. A table scan skips
  // it, and the next upsert applies it.
  claimExternal: `
UPDATE ${STAGING} IGNORE INDEX (${STAGING}_load)
SET load_id = $1, operation = 'upsert'
WHERE load_id IS NULL AND customer_id IS NOT NULL`,

  keepLastStaged: `
DELETE older
FROM ${STAGING} AS older
JOIN (
  SELECT customer_id, max(staged_id) AS staged_id
  FROM ${STAGING}
  WHERE load_id = $1
  GROUP BY customer_id
  HAVING count(*) > 1
) AS newest ON newest.customer_id = older.customer_id
WHERE older.load_id = $1 AND older.staged_id < newest.staged_id`,

  analyze: '',

  countStaged: `SELECT count(*), count(DISTINCT customer_id) FROM ${STAGING} WHERE load_id = $1`,

  dropRepeats: `
DELETE again
FROM ${STAGING} AS again
JOIN ${STAGING} AS once ON once.load_id = again.load_id
  AND once.customer_id = again.customer_id
  AND once.staged_id < again.staged_id
WHERE again.load_id = $1
  AND again.operation = once.operation
  AND ${same('again', 'once')}`,

  // Reads the serving table's pages from the disk once, so that they are cached for the next two
  // statements. If the buffer pool cannot hold all pages of a load, each statement over the whole
  // load would read them again: 10,000 changes among a million customers took 3.0 s, and take 1.5
  // s.
  slices: `
SELECT min(customer_id), max(customer_id)
FROM (
  SELECT customer_id, ROW_NUMBER() OVER (ORDER BY customer_id) AS place
  FROM ${STAGING}
  WHERE load_id = $1
) AS staged
GROUP BY place DIV ${SLICE_CUSTOMERS}
ORDER BY min(customer_id)`,

  lockRows: `
SELECT main.customer_id
FROM ${CHANGED}
WHERE ${IN_SLICE}
  AND (staged.operation = 'delete' OR NOT (${same('main', 'staged')}))
ORDER BY staged.customer_id
FOR UPDATE`,

  updateChanged: `
UPDATE ${CHANGED}
SET
${SERVING_VALUES.map((field) => `  main.${field} = staged.${field},`).join('\n')}
  main.updated_at = CURRENT_TIMESTAMP(6)
WHERE ${IN_SLICE}
  AND staged.operation = 'upsert'
  AND NOT (${same('main', 'staged')})`,

  insertIntoEmpty: `
INSERT INTO customer_purchase_summary (${SERVING_LIST})
SELECT ${SERVING_LIST}
FROM ${STAGING}
WHERE load_id = $1 AND operation = 'upsert'
ORDER BY customer_id`,

  insertNew: `
INSERT INTO customer_purchase_summary (${SERVING_LIST})
SELECT ${['customer_id', ...SERVING_VALUES].map((column) => `staged.${column}`).join(', ')}
FROM ${STAGED}
LEFT JOIN customer_purchase_summary AS main ON main.customer_id = staged.customer_id
WHERE ${IN_SLICE} AND staged.operation = 'upsert' AND main.customer_id IS NULL
ORDER BY staged.customer_id`,

  deleteVanished: `
DELETE main
FROM ${CHANGED}
WHERE staged.load_id = $1 AND staged.operation = 'delete'`,

  deleteUnnamed: `
DELETE main
FROM customer_purchase_summary AS main
LEFT JOIN ${STAGING} AS staged ON staged.load_id = $1
  AND staged.operation = 'upsert'
  AND staged.customer_id = main.customer_id
WHERE staged.staged_id IS NULL`,

  clearLoad: CLEAR_LOAD,
  clearInUpsert: CLEAR_LOAD,

  otherLoads: `SELECT DISTINCT load_id FROM ${STAGING} WHERE load_id <> $1`,

  // Binds lake, seq, commit.
  recordState:
    'UPDATE customer_purchase_sync_state SET lake = $1, seq = $2, commit = $3, synced_at = CURRENT_TIMESTAMP(6)',
};

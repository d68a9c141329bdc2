import type { IndexFault } from '../../lake/ports/warehouse.ts';
import { SERVING_LIST } from '../../medallion/gold/serving-columns.ts';
import type { Sql } from '../sql.ts';

/** The number of rows read, and a sum over all of them that does not depend on their order. */
const summed = (order: string): string => `
SELECT count(*)::text, coalesce(sum(hashtextextended(read::text, 0)), 0)::text
FROM (SELECT ${SERVING_LIST} FROM customer_purchase_summary${order}) AS read`;

const ONE_PROCESS = 'SET LOCAL max_parallel_workers_per_gather = 0';
const BY_HEAP = `${ONE_PROCESS};
SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_seqscan = on; SET LOCAL enable_sort = on`;
/** Settings under which an index scan is the cheapest way to read in its order. */
const BY_INDEX = `${ONE_PROCESS};
SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on; SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off`;

/** The orders of the migrations' indexes: the key, and totals. */
const ORDERS: readonly [column: string, order: string][] = [
  ['customer_id', ' ORDER BY customer_id'],
  ['total_spent_aud', ' ORDER BY total_spent_aud DESC'],
];

/**
 * Reads the table once without an index and once by each, in one snapshot. A broken index hides
 * rows from queries that use it, and admits a second row of a customer.
 */
export function indexFaults(sql: Sql): Promise<IndexFault[]> {
  return sql.transaction(async (transaction) => {
    await transaction.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await transaction.exec(BY_HEAP);
    const [rows, sum] = (await transaction.query(summed(''))).rows[0] ?? [];
    await transaction.exec(BY_INDEX);
    const faults: IndexFault[] = [];
    for (const [column, order] of ORDERS) {
      const [found, sumFound] = (await transaction.query(summed(order))).rows[0] ?? [];
      if (found === rows && sumFound === sum) continue;
      const message = `the index on ${column} finds ${found} rows${found === rows ? ', others' : ''}, the table itself holds ${rows}: purchases repair rebuilds it (as does REINDEX TABLE customer_purchase_summary)`;
      faults.push({ column, message });
    }
    return faults;
  });
}

/**
 * Keeps one of the rows of a customer, of which only a broken key admits several; gold then decides
 * its values.
 */
const KEEP_ONE = `
DELETE FROM customer_purchase_summary AS again
USING (
  SELECT customer_id, min(ctid) AS first
  FROM customer_purchase_summary
  GROUP BY customer_id
  HAVING count(*) > 1
) AS twice
WHERE again.customer_id = twice.customer_id AND again.ctid <> twice.first`;

/** Rebuilds every index of the table, as its owner. */
export function rebuildIndexes(sql: Sql): Promise<void> {
  return sql.transaction(async (transaction) => {
    await transaction.exec('LOCK TABLE customer_purchase_summary IN ACCESS EXCLUSIVE MODE');
    await transaction.exec(BY_HEAP);
    await transaction.exec(KEEP_ONE);
    await transaction.exec('REINDEX TABLE customer_purchase_summary');
  });
}

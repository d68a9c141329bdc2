import { SERVING_LIST } from '../medallion/gold/serving-columns.ts';

/**
 * A predefined query of the serving table, in SQL that PostgreSQL, PGlite, MySQL and MariaDB all
 * accept.
 */
export type SavedQuery = { name: string; about: string; sql: string };

/** Each uses an index, and reads only the rows that it returns. */
export const SAVED_QUERIES: readonly SavedQuery[] = [
  {
    name: 'top-customers',
    about: 'the ten who have spent most',
    sql: `
SELECT ${SERVING_LIST}
FROM customer_purchase_summary
WHERE total_spent_aud IS NOT NULL
ORDER BY total_spent_aud DESC, customer_id
LIMIT 10`,
  },
  {
    name: 'big-spenders',
    about: 'those who have spent 100,000 AUD or more, at most a thousand of them',
    sql: `
SELECT ${SERVING_LIST}
FROM customer_purchase_summary
WHERE total_spent_aud >= 100000
ORDER BY total_spent_aud DESC, customer_id
LIMIT 1000`,
  },
  {
    name: 'in-credit',
    about: 'those who got back more than they paid, the largest sums first, at most a thousand',
    sql: `
SELECT ${SERVING_LIST}
FROM customer_purchase_summary
WHERE total_spent_aud < 0
ORDER BY total_spent_aud
LIMIT 1000`,
  },
  {
    name: 'newest-ids',
    about: 'the hundred highest customer ids',
    sql: `
SELECT ${SERVING_LIST}
FROM customer_purchase_summary
ORDER BY customer_id DESC
LIMIT 100`,
  },
  {
    name: 'table-state',
    about: 'which commit of which lake the table was last made equal to, and when',
    sql: `
SELECT lake, seq, commit, synced_at
FROM customer_purchase_sync_state`,
  },
];

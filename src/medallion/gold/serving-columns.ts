import { GOLD_COLUMNS } from '../layers.ts';

/** A column of the serving table `customer_purchase_summary` that gold sets (SPEC section 10). */
export type ServingColumn = Exclude<(typeof GOLD_COLUMNS)[number][0], 'purchase_count'>;

/** Gold's columns in the serving table, in order: all but the count. */
export const SERVING_COLUMNS: readonly ServingColumn[] = GOLD_COLUMNS.map(([name]) => name).filter(
  (name) => name !== 'purchase_count',
);

/** The same without the key. */
export const SERVING_VALUES = SERVING_COLUMNS.filter((name) => name !== 'customer_id');

/** The columns as a select list. */
export const SERVING_LIST = SERVING_COLUMNS.join(', ');

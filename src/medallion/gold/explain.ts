import { DISPLAY_NAME } from './silver-to-gold.ts';
import { literal } from '../sql/text.ts';
import { OUTCOME, rankedVersions } from './versions.ts';

/** The columns of the history of a customer's purchases, all as text. */
export const HISTORY_COLUMNS = [
  'source',
  'purchase_id',
  'place',
  'fate',
  'customer_id',
  'full_name',
  'email',
  'purchase_date',
  'amount',
  'currency',
  'rate',
  'rate_date',
  'amount_aud',
  'updated_number',
  'updated_micros',
  'lines',
  'object_key',
  'row_number',
  'arrival',
] as const;

export type HistoryRow = Record<(typeof HISTORY_COLUMNS)[number], string | null>;

/** The rows of a customer: those with the integer, or with a key to which the registry gave it. */
export function namesCustomer(customerId: number | undefined, keys: readonly string[]): string {
  const tests = [
    ...(customerId === undefined ? [] : [`customer_id = ${customerId}`]),
    ...(keys.length === 0 ? [] : [`customer_key in (${keys.map(literal).join(', ')})`]),
  ];
  return tests.length === 0 ? 'false' : `(${tests.join(' or ')})`;
}

/** The purchases with a version, winner or not, that has the customer. */
export const purchasesNaming = (versions: string, condition: string): string =>
  `select distinct source, purchase_id from ${versions} where ${condition}`;

/**
 * The versions of these distinct purchases only, so that a big lake is never ranked as a whole. A
 * join, since it reduces the read of ten million rows to 0.8 s; a semi-join of the same meaning
 * takes 3.5 s.
 */
export const versionsOf = (versions: string, purchases: string): string =>
  `select v.* from ${versions} v join ${purchases} p on p.purchase_id = v.purchase_id and p.source = v.source`;

/**
 * Each version with its rank (`place`) and outcome (`fate`), the winner of each purchase first
 * (SPEC section 6).
 */
export function history(versions: string): string {
  const ranked = rankedVersions(versions);
  const columns = HISTORY_COLUMNS.map((column) => {
    if (column === 'fate') return `${OUTCOME} as fate`;
    if (column === 'full_name') return `v.display_name as full_name`;
    return `v.${column}`;
  });
  const withNames = `(select *, ${DISPLAY_NAME} as display_name from (${ranked}) r)`;
  return `select ${columns.join(', ')}
from ${withNames} v join (${ranked}) w on w.source = v.source and w.purchase_id = v.purchase_id and w.place = 1
order by v.source, v.purchase_id, v.place`;
}

import { normaliseName } from './fields/column-names.ts';
import { DEFAULT_FIELDS, MAPPED_FIELDS } from './source.ts';

/**
 * Columns, in the form in which they are matched, of the exports that have a preset; a test
 * compares them with the presets.
 */
export const EXPORT_COLUMNS = [
  ['date', 'time', 'type', 'status', 'gross', 'fee', 'net', 'from_email_address', 'transaction_id'],
  ['name', 'financial_status', 'created_at', 'total', 'lineitem_name', 'refunded_amount'],
  ['billing_name', 'shipping_name', 'gross_sales', 'net_sales', 'total_collected', 'payment_id'],
  ['event_type', 'customer_name', 'customer_email', 'card_name', 'id', 'amount_refunded'],
  ['captured', 'created_date_(utc)', 'created_(utc)', 'order_id', 'order_date', 'order_total'],
  ['order_currency', 'billing_email', 'billing_first_name', 'billing_last_name', 'refunded_total'],
].flat();

/**
 * The column names that a message may show: those of sources and exports, and the fields' own. Any
 * other text in a header may be data: in a file without a header line the first row is in its
 * place.
 */
export const knownColumns = (mapped: readonly string[]): string[] => [
  ...new Set([
    ...DEFAULT_FIELDS,
    ...MAPPED_FIELDS,
    ...EXPORT_COLUMNS,
    ...mapped.map(normaliseName).flatMap(heads),
  ]),
];

/**
 * The top-level keys that may hold a column: its whole name, and the part before each of its
 * points.
 */
export const heads = (column: string): string[] =>
  [...column.matchAll(/\.|$/g)].map(({ index }) => column.slice(0, index));

/** Reports whether a name looks like an address, a number or a date rather than a column's name. */
export const looksLikeData = (name: string): boolean => /@|^[+-]?[0-9]/.test(name);

const MOST_FOUND = 40;

/**
 * Lists columns for a message: a known one by name, any other by its position, 1 being the first.
 */
export function columnsFound(found: readonly string[], known: ReadonlySet<string>): string {
  if (found.length === 0) return 'none';
  const shown: string[] = [];
  let from = 0;
  const flush = (end: number): void => {
    if (end - from === 1) shown.push(`column ${end}`);
    else if (end > from) shown.push(`columns ${from + 1} to ${end}`);
  };
  found.forEach((name, at) => {
    const matched = normaliseName(name);
    if (!known.has(matched)) return;
    flush(at);
    shown.push(matched);
    from = at + 1;
  });
  flush(found.length);
  const more = shown.length > MOST_FOUND ? [`… and ${shown.length - MOST_FOUND} more`] : [];
  const list = [...shown.slice(0, MOST_FOUND), ...more].join(', ');
  return found.some(looksLikeData)
    ? `${list} (names that look like data: is the header line missing?)`
    : list;
}

const MOST_DRIFT = 100;

/**
 * Columns that no field reads, as a record lists them. Names are shown only where the object has
 * the columns that its source requires, since only then are they names; one that looks like data is
 * shown by its position. `places` are the positions of the columns, undefined for JSON.
 */
export function driftOf(names: readonly string[], places?: readonly number[]): string[] {
  const data = names.filter(looksLikeData);
  const shown = names.flatMap((name, at) => {
    if (!looksLikeData(name)) return [name];
    return places === undefined ? [] : [`column ${(places[at] ?? 0) + 1}`];
  });
  const keys =
    data.length === 1 ? 'a key that looks like data' : `${data.length} keys that look like data`;
  return namesInShort(
    places === undefined && data.length > 0 ? [...shown, keys] : shown,
    MOST_DRIFT,
  );
}

const NAME_LENGTH = 100;

/**
 * The first `most` column names, each cut at 100 code points, and the number of the others: a
 * commit must not grow with the names in a file.
 */
export function namesInShort(names: readonly string[], most: number): string[] {
  const shown = names.slice(0, most).map((name) => {
    const head = name.slice(0, 2 * NAME_LENGTH + 2);
    const points = [...head];
    return points.length <= NAME_LENGTH ? name : `${points.slice(0, NAME_LENGTH).join('')}…`;
  });
  return names.length > most ? [...shown, `… and ${names.length - most} more`] : shown;
}

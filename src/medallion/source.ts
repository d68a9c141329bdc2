/**
 * Canonical names of a purchase's fields (SPEC section 4); also the default headers of the first
 * eight.
 */
export const DEFAULT_FIELDS = [
  'customer_id',
  'first_name',
  'last_name',
  'email',
  'purchase_id',
  'purchase_date',
  'amount',
  'currency',
] as const;

/** Fields that exist only where a source maps them. */
export const MAPPED_FIELDS = ['customer_key', 'full_name', 'updated_at', 'operation'] as const;

export type FieldName = (typeof DEFAULT_FIELDS)[number] | (typeof MAPPED_FIELDS)[number];

/**
 * One term of a product or a sum: a column's name, or a number. A number has the source's own
 * decimal mark, since it is read as the rows' amounts are.
 */
export type Term = { column: string } | { number: string };

/**
 * How a field is computed from a row's columns (SPEC section 12). A column is a CSV header or a
 * JSON path such as `customer.email`. With `blank: 'zero'` a blank term of a sum counts as zero,
 * unless all of its columns are blank.
 */
export type FieldRule =
  | { kind: 'column'; column: string }
  | { kind: 'constant'; value: string }
  | { kind: 'product'; factors: [Term, Term] }
  | { kind: 'sum'; terms: Term[]; minus: string[]; blank?: 'zero' }
  | { kind: 'coalesce'; columns: string[] }
  | { kind: 'concat'; columns: string[]; separator: string };

export type SourceFormat = {
  type?: 'csv' | 'json';
  encoding?: 'utf-8' | 'latin1' | 'windows-1252';
  delimiter?: ',' | ';' | '\t' | '|';
  decimal: '.' | ',';
  thousands: '' | ',' | '.' | ' ' | "'";
};

/**
 * One entry of `sources` with its defaults. A default field that the entry leaves out is mapped to
 * the column of its own name; `purchase_id: null` removes `purchase_id`; a mapped `customer_key`
 * replaces `customer_id`. `deletes` holds lower-cased values and is empty unless `operation` is
 * mapped.
 */
export type Source = {
  name: string;
  match: string;
  rows: 'purchases' | 'lines';
  format: SourceFormat;
  timeZone?: string;
  dateFormats: string[];
  defaultCurrency?: string;
  fields: Partial<Record<FieldName, FieldRule>>;
  deletes: string[];
};

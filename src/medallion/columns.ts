import type { FieldName, FieldRule, Source } from './source.ts';
import { normaliseName } from './names.ts';

/** The columns that a rule reads, as the source spells them. */
function columnsOf(rule: FieldRule): string[] {
  switch (rule.kind) {
    case 'column':
      return [rule.column];
    case 'constant':
      return [];
    case 'product':
      return rule.factors.flatMap((term) => ('column' in term ? [term.column] : []));
    case 'sum':
      return [
        ...rule.terms.flatMap((term) => ('column' in term ? [term.column] : [])),
        ...rule.minus,
      ];
    case 'coalesce':
    case 'concat':
      return rule.columns;
  }
}

/** Every column that a source reads, once each, in a fixed order: the n-th is `s<n>` of the rows that a reader gives. */
export function sourceColumns(source: Source): string[] {
  return [...new Set(Object.values(source.fields).flatMap(columnsOf))].toSorted();
}

/** The fields without which an object cannot be read (SPEC section 3), in the order in which they are reported. */
const REQUIRED: readonly FieldName[] = [
  'customer_id',
  'customer_key',
  'purchase_id',
  'purchase_date',
  'amount',
];
const REQUIRED_IN_CSV: readonly FieldName[] = [...REQUIRED, 'updated_at', 'operation'];

/**
 * What an object lacks: a line for each required field whose columns are not there, empty where it can be read.
 * Of a coalesce one column is enough. In JSON a missing key and a missing value look alike, so what may be blank may be absent.
 */
export function missingColumns(
  source: Source,
  type: 'csv' | 'json',
  has: (column: string) => boolean,
): string[] {
  const required = type === 'csv' ? REQUIRED_IN_CSV : REQUIRED;
  const lines = required.flatMap((field) => {
    const rule = source.fields[field];
    return rule === undefined ? [] : missingOf(field, withoutBlanks(rule, type), has);
  });
  const currency = source.fields.currency;
  if (type === 'csv' && currency !== undefined && source.defaultCurrency === undefined)
    lines.push(
      ...missingOf('currency', currency, has).map(
        (line) => `${line} (or name the source's defaultCurrency)`,
      ),
    );
  return lines;
}

/** Whether an object has what a rule reads. */
export const hasColumnsOf = (rule: FieldRule, has: (column: string) => boolean): boolean =>
  missingOf('amount', rule, has).length === 0;

/** In JSON a key that would be taken away may be left out, as its blank value may. */
const withoutBlanks = (rule: FieldRule, type: 'csv' | 'json'): FieldRule =>
  type === 'json' && rule.kind === 'sum' ? { ...rule, minus: [] } : rule;

function missingOf(field: FieldName, rule: FieldRule, has: (column: string) => boolean): string[] {
  const columns = columnsOf(rule);
  if (rule.kind === 'coalesce')
    return columns.some(has)
      ? []
      : [`${field}: none of the columns ${columns.map(quoted).join(', ')}`];
  return columns
    .filter((column) => !has(column))
    .map((column) => `${field}: no column ${quoted(column)}`);
}

const quoted = (name: string): string => `"${name}"`;

/** The columns that an amount is made of: in them a bare JSON number stands for itself, whatever marks the source declares. */
export const amountColumns = ({ fields }: Source): string[] =>
  fields.amount === undefined ? [] : columnsOf(fields.amount);

/** Where each column of the source stands in a CSV header; a name that stands there twice is an error of the object. */
export function locateColumns(
  columns: readonly string[],
  header: readonly string[],
): { index: Map<string, number>; twice: string[] } {
  const positions = new Map<string, number[]>();
  header.forEach((name, position) => {
    const key = normaliseName(name);
    positions.set(key, [...(positions.get(key) ?? []), position]);
  });
  const index = new Map<string, number>();
  const twice: string[] = [];
  for (const column of columns) {
    const [first, ...more] = positions.get(normaliseName(column)) ?? [];
    if (first !== undefined) index.set(column, first);
    if (more.length > 0) twice.push(column);
  }
  return { index, twice };
}

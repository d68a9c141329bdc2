import type { FieldName, FieldRule, Source } from './source.ts';
import { normaliseName } from './fields/column-names.ts';

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

const PERSON: readonly FieldName[] = [
  'customer_id',
  'customer_key',
  'first_name',
  'last_name',
  'full_name',
  'email',
];

/** The columns that the `wanted` fields read. */
export const fieldColumns = ({ fields }: Source, wanted: readonly FieldName[]): string[] =>
  wanted.flatMap((field) => {
    const rule = fields[field];
    return rule === undefined ? [] : columnsOf(rule);
  });

/** The columns that identify a person. */
export const personColumns = (source: Source): string[] => fieldColumns(source, PERSON);

/** The columns of all other fields. */
export const readElsewhere = (source: Source): string[] => {
  const names = Object.keys(source.fields) as FieldName[];
  return fieldColumns(
    source,
    names.filter((field) => !PERSON.includes(field)),
  );
};

/**
 * Every column that a source reads, once each, in a fixed order: the n-th is `s<n>` of the rows
 * that a reader returns.
 */
export function sourceColumns(source: Source): string[] {
  return [...new Set(Object.values(source.fields).flatMap(columnsOf))].toSorted();
}

/**
 * The fields without which an object cannot be read (SPEC section 3), in the order in which they
 * are reported.
 */
const REQUIRED: readonly FieldName[] = [
  'customer_id',
  'customer_key',
  'purchase_id',
  'purchase_date',
  'amount',
];
const REQUIRED_IN_CSV: readonly FieldName[] = [...REQUIRED, 'updated_at', 'operation'];

/**
 * The columns that an object must have for a field: all of them, or any one. `faults` has a message
 * for each column that is missing (for `any`, the first one).
 */
export type Need = { columns: string[]; any: boolean; faults: string[] };

/**
 * The columns that a source needs an object to have, in the order in which they are reported. One
 * column of a coalesce is enough. In JSON a missing key and a missing value look alike, so a column
 * that may be blank may be absent.
 */
export function needs(source: Source, type: 'csv' | 'json'): Need[] {
  const required = type === 'csv' ? REQUIRED_IN_CSV : REQUIRED;
  const found = required.flatMap((field) => {
    const rule = source.fields[field];
    return rule === undefined ? [] : [needOf(field, withoutBlanks(rule, type))];
  });
  const currency = source.fields.currency;
  if (type === 'json' || currency === undefined || source.defaultCurrency !== undefined)
    return found;
  const need = needOf('currency', currency);
  const faults = need.faults.map((fault) => `${fault} (or name the source's defaultCurrency)`);
  return [...found, { ...need, faults }];
}

/**
 * One message for each required column that an object lacks; empty where the object can be read.
 */
export const missingColumns = (
  source: Source,
  type: 'csv' | 'json',
  has: (column: string) => boolean,
): string[] => needs(source, type).flatMap((need) => missingOf(need, has));

/** The columns that an object needs for a field's rule. */
export function needOf(field: FieldName, rule: FieldRule): Need {
  const columns = columnsOf(rule);
  if (rule.kind === 'coalesce')
    return {
      columns,
      any: true,
      faults: [`${field}: none of the columns ${columns.map(quoted).join(', ')}`],
    };
  const faults = columns.map((column) => `${field}: no column ${quoted(column)}`);
  return { columns, any: false, faults };
}

/** Reports whether an object has the columns that a rule reads. */
export const hasColumnsOf = (rule: FieldRule, has: (column: string) => boolean): boolean =>
  missingOf(needOf('amount', rule), has).length === 0;

/** In JSON a key whose value is subtracted may be absent, as its value may be blank. */
const withoutBlanks = (rule: FieldRule, type: 'csv' | 'json'): FieldRule =>
  type === 'json' && rule.kind === 'sum' ? { ...rule, minus: [] } : rule;

function missingOf({ columns, any, faults }: Need, has: (column: string) => boolean): string[] {
  if (any) return columns.some(has) ? [] : faults;
  return faults.filter((_, index) => !has(columns[index] ?? ''));
}

/**
 * The message for an object that its source's mapping cannot read; `columns` is the result of
 * `columnsFound`.
 */
export const schemaFault = ({ name }: Source, faults: readonly string[], columns: string): string =>
  `Source "${name}" cannot read it: ${faults.join('; ')}. Columns found: ${columns}. Map the fields in the configuration (\`sources[].fields\`) or fix the file: in CSV nothing may precede the header. Names that no source uses are not shown, since they may be data: look at the file's first line.`;

/** The message for an object that no source matches. */
export const noSourceFault = (key: string): string =>
  `No source of the configuration matches ${key}: add one whose \`match\` fits it, or remove the object.`;

const quoted = (name: string): string => `"${name}"`;

/**
 * The columns of the amount: a bare JSON number in them is read as it is, with any marks that the
 * source declares.
 */
export const amountColumns = ({ fields }: Source): string[] =>
  fields.amount === undefined ? [] : columnsOf(fields.amount);

/**
 * Finds the position of each column of the source in a CSV header. A name that the header has twice
 * is an error of the object.
 */
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

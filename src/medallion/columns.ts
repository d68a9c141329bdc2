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

/** The columns that some fields are made of. */
export const fieldColumns = ({ fields }: Source, wanted: readonly FieldName[]): string[] =>
  wanted.flatMap((field) => {
    const rule = fields[field];
    return rule === undefined ? [] : columnsOf(rule);
  });

/** The columns that tell who somebody is. */
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
 * that a reader gives.
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
 * What an object must have of a field: all of the columns, or any one; what is said of each that
 * lacks (of none of them: the first).
 */
export type Need = { columns: string[]; any: boolean; faults: string[] };

/**
 * What a source needs an object to have, in the order in which it is reported. Of a coalesce one
 * column is enough. In JSON a missing key and a missing value look alike, so what may be blank may
 * be absent.
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
 * What an object lacks: a line for each required field whose columns are not there, empty where it
 * can be read.
 */
export const missingColumns = (
  source: Source,
  type: 'csv' | 'json',
  has: (column: string) => boolean,
): string[] => needs(source, type).flatMap((need) => missingOf(need, has));

/** What an object needs to have for a field's rule. */
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

/** Whether an object has what a rule reads. */
export const hasColumnsOf = (rule: FieldRule, has: (column: string) => boolean): boolean =>
  missingOf(needOf('amount', rule), has).length === 0;

/** In JSON a key that would be taken away may be left out, as its blank value may. */
const withoutBlanks = (rule: FieldRule, type: 'csv' | 'json'): FieldRule =>
  type === 'json' && rule.kind === 'sum' ? { ...rule, minus: [] } : rule;

function missingOf({ columns, any, faults }: Need, has: (column: string) => boolean): string[] {
  if (any) return columns.some(has) ? [] : faults;
  return faults.filter((_, index) => !has(columns[index] ?? ''));
}

/**
 * Why an object cannot be read by its source's mapping; `columns` is what `columnsFound` says of
 * its own.
 */
export const schemaFault = ({ name }: Source, faults: readonly string[], columns: string): string =>
  `Source "${name}" cannot read it: ${faults.join('; ')}. Columns found: ${columns}. Map the fields in the configuration (\`sources[].fields\`) or fix the file: in CSV nothing may stand before the header. Names that no source uses are not shown, since they may be data: look at the file's first line.`;

/** Why an object of that key cannot be read: no source is for it. */
export const noSourceFault = (key: string): string =>
  `No source of the configuration matches ${key}: add one whose \`match\` fits it, or take the object away.`;

const quoted = (name: string): string => `"${name}"`;

/**
 * The columns that an amount is made of: in them a bare JSON number stands for itself, whatever
 * marks the source declares.
 */
export const amountColumns = ({ fields }: Source): string[] =>
  fields.amount === undefined ? [] : columnsOf(fields.amount);

/**
 * Where each column of the source stands in a CSV header; a name that stands there twice is an
 * error of the object.
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

import {
  DEFAULT_FIELDS,
  type FieldName,
  type FieldRule,
  MAPPED_FIELDS,
  type Source,
  type SourceFormat,
  type Term,
} from '../../medallion/source.ts';
import type { SourceInput } from './shape.ts';

type FieldInput = NonNullable<SourceInput['fields']>[FieldName];
type TermInput = string | number;

/** Expands a valid entry: its short forms and defaults. */
export function toSource(entry: SourceInput): Source {
  const { timeZone, defaultCurrency } = entry;
  const format: SourceFormat = {
    ...(entry.format?.type !== undefined && { type: entry.format.type }),
    ...(entry.format?.encoding !== undefined && { encoding: entry.format.encoding }),
    ...(entry.format?.delimiter !== undefined && { delimiter: entry.format.delimiter }),
    decimal: entry.format?.decimal ?? '.',
    thousands: entry.format?.thousands ?? '',
  };
  return {
    name: entry.name,
    match: entry.match,
    rows: entry.rows ?? 'purchases',
    format,
    ...(timeZone !== undefined && { timeZone }),
    dateFormats: entry.dateFormats ?? [],
    ...(defaultCurrency !== undefined && { defaultCurrency: defaultCurrency.toUpperCase() }),
    fields: fieldsOf(entry, format.decimal),
    deletes: [...new Set((entry.fields?.operation?.deletes ?? []).map(deleteValue))],
  };
}

function fieldsOf({ fields = {} }: SourceInput, decimal: '.' | ','): Source['fields'] {
  const rules: Source['fields'] = {};
  for (const name of DEFAULT_FIELDS) {
    if (name === 'customer_id' && fields.customer_key !== undefined) continue;
    const rule =
      fields[name] === undefined
        ? { kind: 'column' as const, column: name }
        : toRule(fields[name], decimal);
    if (rule !== undefined) rules[name] = rule;
  }
  for (const name of MAPPED_FIELDS) {
    const rule = toRule(fields[name], decimal);
    if (rule !== undefined) rules[name] = rule;
  }
  return rules;
}

function toRule(field: FieldInput, decimal: '.' | ','): FieldRule | undefined {
  if (field === undefined || field === null) return undefined;
  if (typeof field === 'string') return { kind: 'column', column: field };
  if ('column' in field) return { kind: 'column', column: field.column };
  if ('constant' in field) return { kind: 'constant', value: constantOf(field.constant, decimal) };
  if ('coalesce' in field) return { kind: 'coalesce', columns: field.coalesce };
  if ('concat' in field)
    return { kind: 'concat', columns: field.concat, separator: field.separator ?? ' ' };
  if ('product' in field) {
    const [first, second] = field.product;
    return { kind: 'product', factors: [toTerm(first, decimal), toTerm(second, decimal)] };
  }
  return {
    kind: 'sum',
    terms: field.sum.map((term) => toTerm(term, decimal)),
    minus: field.minus ?? [],
    ...(field.blank === undefined ? {} : { blank: field.blank }),
  };
}

function toTerm(term: TermInput, decimal: '.' | ','): Term {
  return typeof term === 'string' ? { column: term } : { number: constantOf(term, decimal) };
}

/**
 * Writes a number with the source's decimal mark, by which all amounts, constants too, are read.
 */
function constantOf(value: TermInput, decimal: '.' | ','): string {
  return typeof value === 'number' ? String(value).replace('.', decimal) : value.trim();
}

/** Normalises a value as the rules compare it: trimmed, ASCII letters in lower case. */
function deleteValue(value: string | number | boolean): string {
  return String(value)
    .trim()
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

import type { FieldName, FieldRule, Source, Term } from '../../src/medallion/source.ts';
import { normalName } from './text.ts';

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** True if a glob matches a key: `*` stays within a folder, `**` crosses. */
export function fits(glob: string, key: string): boolean {
  const source = glob
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      return part === '?' ? '[^/]' : escaped(part);
    })
    .join('');
  return new RegExp(`^${source}$`, 's').test(key);
}

export function sourceOf(key: string, sources: Source[]): Source | null {
  return sources.find((source) => fits(source.match, key)) ?? null;
}

function columnsOfTerms(terms: Term[]): string[] {
  return terms.flatMap((term) => ('column' in term ? [term.column] : []));
}

/** The columns of a rule, in the form in which they are compared with headers. */
export function columnsOf(rule: FieldRule): string[] {
  switch (rule.kind) {
    case 'column':
      return [normalName(rule.column)];
    case 'constant':
      return [];
    case 'product':
      return columnsOfTerms(rule.factors).map(normalName);
    case 'sum':
      return [...columnsOfTerms(rule.terms), ...rule.minus].map(normalName);
    case 'coalesce':
    case 'concat':
      return rule.columns.map(normalName);
  }
}

/** Every column that a source names, in the form in which they are compared with headers. */
export function mappedColumns(source: Source): string[] {
  return [...new Set(Object.values(source.fields).flatMap(columnsOf))];
}

/**
 * True if a table has the columns that a rule requires. In JSON an absent subtrahend is a blank
 * one.
 */
export function isServed(
  rule: FieldRule,
  kind: 'csv' | 'json',
  has: (column: string) => boolean,
): boolean {
  if (rule.kind === 'coalesce') return columnsOf(rule).some(has);
  if (rule.kind === 'sum' && kind === 'json')
    return columnsOfTerms(rule.terms).map(normalName).every(has);
  return columnsOf(rule).every(has);
}

/** The fields whose columns a table must have; the currency has a rule of its own. */
export function requiredFields(source: Source, kind: 'csv' | 'json'): FieldName[] {
  const always: FieldName[] = [
    'customer_id',
    'customer_key',
    'purchase_id',
    'purchase_date',
    'amount',
  ];
  const inCsv: FieldName[] = kind === 'csv' ? ['updated_at', 'operation'] : [];
  return [...always, ...inCsv].filter((field) => source.fields[field] !== undefined);
}

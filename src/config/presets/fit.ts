import { normaliseName } from '../../medallion/fields/column-names.ts';
import type { Preset } from './preset.ts';

type Fields = Preset['source']['fields'];
type Rule = Fields[keyof Fields];

/** Required fields. Any other field is left out if its column is missing. */
const REQUIRED = new Set([
  'customer_id',
  'customer_key',
  'purchase_id',
  'purchase_date',
  'amount',
  'currency',
]);

/**
 * Reduces a preset's fields to the columns of a header: missing alternatives, subtractions and
 * optional fields are left out. `missing` lists the required columns that the header lacks.
 */
export function fitPreset(
  preset: Preset,
  header: readonly string[],
): { fields: Fields; missing: string[] } {
  const names = new Set(header.map(normaliseName));
  const has = (column: string): boolean => names.has(normaliseName(column));
  const fields: Record<string, Rule> = {};
  const missing: string[] = [];
  for (const [field, rule] of Object.entries(preset.source.fields)) {
    const fitted = fitRule(rule, has);
    const lacks = columnsOf(fitted).filter((column) => !has(column));
    if (lacks.length === 0) fields[field] = fitted;
    else if (REQUIRED.has(field)) missing.push(...lacks);
  }
  return { fields, missing };
}

/** Simplifies a rule: a single alternative, or a sum of one column, is that column. */
function fitRule(rule: Rule, has: (column: string) => boolean): Rule {
  if (rule === null || typeof rule !== 'object') return rule;
  if ('coalesce' in rule) {
    const [first = rule.coalesce[0] ?? '', ...more] = rule.coalesce.filter(has);
    return more.length === 0 ? first : { coalesce: [first, ...more] };
  }
  if (!('sum' in rule)) return rule;
  const minus = (rule.minus ?? []).filter(has);
  const [term = '', ...terms] = rule.sum;
  const blank = rule.blank === undefined ? {} : { blank: rule.blank };
  if (minus.length > 0) return { sum: rule.sum, minus, ...blank };
  return terms.length === 0 && typeof term === 'string' ? term : { sum: rule.sum, ...blank };
}

/** Lists the columns that a rule reads. */
export function columnsOf(rule: Rule): string[] {
  if (typeof rule === 'string') return [rule];
  if (rule === null || rule === undefined || 'constant' in rule) return [];
  if ('column' in rule) return [rule.column];
  if ('coalesce' in rule) return rule.coalesce;
  if ('concat' in rule) return rule.concat;
  const terms = 'product' in rule ? rule.product : [...rule.sum, ...(rule.minus ?? [])];
  return terms.filter((term) => typeof term === 'string');
}

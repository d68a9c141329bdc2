import { sourceColumns } from './columns.ts';
import { FIELDS } from './fields/fields.ts';
import type { RowsContext } from './rows-context.ts';
import type { FieldName, FieldRule } from './source.ts';
import type { Dialect } from './sql/dialect.ts';
import { isPlainRow, literal, trimmed } from './sql/text.ts';

export const NULL_TEXT = 'cast(null as string)';

/** Adds the column `plain` (see `isPlainRow`), which `valueColumns` needs. */
export const withPlain = (rows: string): string =>
  `(select *, ${isPlainRow('raw')} as plain from ${rows}) p`;

/** The trimmed text of every field and of the parts of the amount, from the source's columns. */
export function valueColumns(dialect: Dialect, context: RowsContext): string {
  const { source, present } = context;
  const columns = sourceColumns(source);
  const column = (name: string): string =>
    present.has(name) ? trimmed(dialect, `s${columns.indexOf(name)}`, 'plain') : NULL_TEXT;
  const mapped = (name: FieldName): string => {
    const rule = source.fields[name];
    return rule === undefined ? NULL_TEXT : ruleText(rule, column);
  };
  const texts = FIELDS.flatMap((field) =>
    field.reads.map((name) => `${field.fallback?.(context) ?? mapped(name)} as v_${name}`),
  );
  const parts = FIELDS.flatMap((field) => field.parts?.(source) ?? []);
  return [...texts, ...parts.map((rule, index) => `${ruleText(rule, column)} as a${index}`)].join(
    ',\n  ',
  );
}

function ruleText(rule: FieldRule, column: (name: string) => string): string {
  switch (rule.kind) {
    case 'column':
      return column(rule.column);
    case 'constant':
      return `nullif(${literal(rule.value.trim())}, '')`;
    case 'coalesce':
      return `coalesce(${rule.columns.map(column).join(', ')})`;
    case 'concat':
      return `nullif(concat_ws(${literal(rule.separator)}, ${rule.columns.map(column).join(', ')}), '')`;
    case 'product':
    case 'sum':
      throw new Error(`a ${rule.kind} can only be an amount`);
  }
}

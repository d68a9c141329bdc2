import type { Source } from '../source.ts';
import type { Dialect } from '../sql/dialect.ts';
import { cleanedName } from '../sql/text.ts';
import { type CellPattern, defineField } from './field.ts';

const NAMES = ['first_name', 'last_name', 'full_name'] as const;

const wordOrBlank: CellPattern = (word) => `(?:${word})?`;

/**
 * A value of a plain row is clean as it is; one that is put together from several columns or rows
 * need not be.
 */
function cleaned(dialect: Dialect, source: Source, name: (typeof NAMES)[number]): string {
  const rule = cleanedName(dialect, `v_${name}`);
  return source.rows === 'purchases' && source.fields[name]?.kind === 'column'
    ? `case when plain then v_${name} else ${rule} end`
    : rule;
}

/** The customer's name: two parts or a full one. A name is cleaned, never rejected. */
export const name = defineField({
  reads: NAMES,
  silver: NAMES,
  presence: { has_name: 'coalesce(full_name, first_name, last_name) is not null' },
  clean: (dialect, { source }) => ({
    shared: [NAMES.map((part) => [part, cleaned(dialect, source, part)])],
  }),
  cleanups: [
    {
      name: 'name_repaired',
      flag: 'name_cleaned',
      when: NAMES.map((part) => `${part} is distinct from v_${part}`).join(' or '),
    },
  ],
  rejections: [],
  fastPath: {
    patterns: { first_name: wordOrBlank, last_name: wordOrBlank, full_name: wordOrBlank },
    mayBeAbsent: () => true,
    columns: ({ textOrNull }) => NAMES.map((part) => [part, textOrNull(part)]),
  },
});

import { hasColumnsOf } from '../columns.ts';
import { literal } from '../sql/text.ts';
import { defineField } from './field.ts';

const CODE = '[A-Z]{3}';
const isCode = (currency: string): boolean => /^[A-Z]{3}$/.test(currency);

/** The currency of the amount: three letters, in upper case, for which a rate is looked up. */
export const currency = defineField({
  reads: ['currency'],
  fallback({ source: { defaultCurrency, fields }, present }) {
    const isMapped =
      fields.currency !== undefined &&
      hasColumnsOf(fields.currency, (column) => present.has(column));
    return defaultCurrency === undefined || isMapped ? undefined : literal(defaultCurrency);
  },
  silver: ['currency'],
  clean: () => ({
    shared: [
      [
        [
          'currency',
          `case when regexp_like(v_currency, '\\A[A-Za-z]{3}\\z') then upper(v_currency) end`,
        ],
      ],
    ],
  }),
  rejections: [
    {
      firstOf: [
        {
          reason: 'currency_missing',
          when: 'v_currency is null',
          remedy:
            'Send the rows again with one; where all are in one currency, map `fields.currency` to that constant.',
        },
        {
          reason: 'currency_invalid',
          when: 'currency is null',
          remedy:
            'A currency is three letters, such as EUR: have the row corrected, or map `fields.currency`.',
        },
        {
          reason: 'fx_rate_missing',
          when: 'rate is null and date_in_range is not null',
          remedy: 'Import newer rates with purchases fx import FILE, or raise `fx.maxAgeDays`.',
        },
      ],
    },
  ],
  fastPath: {
    patterns: { currency: () => CODE },
    mayBeAbsent: ({ defaultCurrency }) => isCode(defaultCurrency ?? ''),
    // A row in another currency, well written or not, has no rate and is rejected.
    withRates: ({ defaultCurrency }, currencies) => ({
      cell: `(?:${currencies.filter(isCode).join('|')})`,
      mayBeAbsent: isCode(defaultCurrency ?? '') && currencies.includes(defaultCurrency ?? ''),
    }),
    columns: ({ source, text }) => [
      ['currency', text('currency') ?? literal(source.defaultCurrency ?? '')],
    ],
  },
});

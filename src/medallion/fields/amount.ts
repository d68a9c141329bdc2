import { decimalOf, isNumber, plainNumber } from '../sql/numbers.ts';
import type { FieldRule, Source, Term } from '../source.ts';
import type { Stage } from '../sql/stages.ts';
import { defineField } from './field.ts';

/** Amounts of 10^14 and more do not fit DECIMAL(18,4). */
const TOO_LARGE = `${10n ** 14n}`;
/** Amounts of 10^10 AUD and more are rejected (SPEC section 4). */
const AUD_LIMIT = `${10n ** 10n}`;

/**
 * The texts of an amount: those that are multiplied or added (for most rules the amount itself),
 * then those that are subtracted.
 */
function amountParts(rule: FieldRule | undefined): {
  added: FieldRule[];
  minus: FieldRule[];
} {
  if (rule === undefined) return { added: [], minus: [] };
  if (rule.kind === 'product') return { added: rule.factors.map(termRule), minus: [] };
  if (rule.kind !== 'sum') return { added: [rule], minus: [] };
  const minus = rule.minus.map((column) => ({ kind: 'column' as const, column }));
  return { added: rule.terms.map(termRule), minus };
}

const termRule = (term: Term): FieldRule =>
  'number' in term
    ? { kind: 'constant', value: term.number }
    : { kind: 'column', column: term.column };

/**
 * The stages that turn the trimmed texts `a0`, `a1` … of a row's amount into `a_line` and its
 * faults. A plain amount is rounded once to 4 places; factors, terms and lines are read to 6 places
 * and rounded to 4 last (SPEC sections 4, 12).
 */
function amountStages(source: Source): Stage[] {
  const { added, minus } = amountParts(source.fields.amount);
  const texts = [...added, ...minus].map((_, index) => `a${index}`);
  const kind = source.fields.amount?.kind;
  const isMade = kind === 'product' || kind === 'sum';
  const scale = isMade || source.rows === 'lines' ? 6 : 4;
  const marks = source.format;
  const numbers: Stage = texts.map((text, index) => [`n${index}`, isNumber(text, marks)]);
  const decimals: Stage = texts.map((text, index) => [
    `d${index}`,
    `case when n${index} then ${decimalOf(plainNumber(text, marks), 18, scale)} end`,
  ]);
  const value = amountValue(source, added.length, minus.length);
  const state: Stage = [
    ...blankStage(source, added, texts),
    [
      'a_invalid',
      texts.map((text, index) => `coalesce(not n${index}, false)`).join(' or ') || 'false',
    ],
    [
      'a_unfit',
      texts
        .map((text, index) => `(${text} is not null and n${index} and d${index} is null)`)
        .join(' or ') || 'false',
    ],
    ['a_line', value],
  ];
  return [numbers, decimals, state];
}

/**
 * `a_missing`: a column is blank without which there is no amount. `a_blank`: every column of the
 * amount is blank, both those added and those subtracted, so a line of several is left out; a line
 * with a part of the amount is not. Numbers in the mapping do not count as columns.
 */
function blankStage(source: Source, added: readonly FieldRule[], texts: readonly string[]): Stage {
  const rule = source.fields.amount;
  const isBlank = (text: string): string => `${text} is null`;
  const columns = texts.filter((_, index) => added[index]?.kind !== 'constant');
  const read = columns.slice(0, columns.length - (texts.length - added.length));
  const none = read.map(isBlank).join(' and ');
  const some = read.map(isBlank).join(' or ');
  const nothing = added.length === 0 ? 'true' : 'false';
  const isZero = rule?.kind === 'sum' && rule.blank === 'zero';
  return [
    ['a_missing', (isZero ? none : some) || nothing],
    ['a_blank', none === '' ? nothing : columns.map(isBlank).join(' and ')],
  ];
}

/**
 * The row's amount before its range is checked: exact, null where a part is missing, unreadable or
 * out of range.
 */
function amountValue(source: Source, added: number, minus: number): string {
  const kind = source.fields.amount?.kind;
  if (kind === 'product') return 'cast(d0 as decimal(19,6)) * d1';
  if (kind === 'sum') {
    const isZero = source.fields.amount?.kind === 'sum' && source.fields.amount.blank === 'zero';
    const term = (index: number): string => `cast(d${index} as decimal(30,6))`;
    const orNothing = (index: number): string =>
      `case when a${index} is null then cast(0 as decimal(30,6)) else ${term(index)} end`;
    const plus = Array.from({ length: added }, (_, index) =>
      isZero ? orNothing(index) : term(index),
    );
    const less = Array.from({ length: minus }, (_, index) => orNothing(added + index));
    return [plus.join(' + '), ...less].join(' - ');
  }
  return added === 0 ? 'cast(null as decimal(18,4))' : 'd0';
}

/**
 * The amount of a purchase of one row: `a_line`, rounded to 4 places, and whether it is out of
 * range.
 */
const PURCHASE_AMOUNT: Stage[] = [
  [['amount_read', 'try_cast(round(a_line, 4) as decimal(18,4))']],
  [['a_range', 'a_unfit or (amount_read is null and not a_missing and not a_invalid)']],
];

/**
 * The part of a purchase's amount that a line adds: a blank line is left out; one that is partly
 * blank, or of 10^14 or more, rejects the purchase.
 */
const LINE_AMOUNT: Stage[] = [
  [
    [
      'line_amount',
      `case when abs(a_line) < ${TOO_LARGE} and not a_missing then cast(a_line as decimal(38,12)) end`,
    ],
  ],
  [['line_range', 'a_unfit or (line_amount is null and not a_missing and not a_invalid)']],
];

/** The amount of a purchase of several lines, from what each line adds. */
const JOINED_LINES = {
  columns: `bool_and(a_blank) or bool_or(a_missing and not a_blank) as a_missing, bool_or(a_invalid) as a_invalid, bool_or(line_range) as lines_range,
  try_cast(round(sum(line_amount), 4) as decimal(18,4)) as amount_read`,
  after: [
    [['a_range', 'lines_range or (amount_read is null and not a_missing and not a_invalid)']],
  ] satisfies Stage[],
};

/** The amount in its own currency and, once the rate is known, in AUD. */
export const amount = defineField({
  reads: [],
  parts({ fields }) {
    const { added, minus } = amountParts(fields.amount);
    return [...added, ...minus];
  },
  silver: ['amount'],
  cells: { amount: 'amount_good' },
  clean: (_, { source }) => ({
    row: [...amountStages(source), ...(source.rows === 'lines' ? LINE_AMOUNT : PURCHASE_AMOUNT)],
    join: JOINED_LINES,
  }),
  checks: (dialect) => [
    [
      [
        'amount_good',
        'case when not a_missing and not a_invalid and not a_range then amount_read end',
      ],
    ],
    [['converted', dialect.converted('amount_good', 'rate', 'millionths', 'rest')]],
    [['amount_aud', `case when abs(converted) < ${AUD_LIMIT} then converted end`]],
    [['aud_range', 'amount_aud is null and amount_good is not null and rate is not null']],
  ],
  // Without a date or a currency there is no rate, and so no amount in AUD.
  accepted: () => 'amount_aud is not null',
  rejections: [
    {
      firstOf: [
        {
          reason: 'amount_missing',
          when: 'a_missing',
          remedy: 'Send the rows again with an amount; zero must be written as 0.',
        },
      ],
    },
    {
      firstOf: [
        {
          reason: 'amount_invalid',
          when: 'a_invalid',
          remedy:
            "Declare the source's `format.decimal` and `format.thousands` where it writes 1.234,50 or 1,234.50.",
        },
      ],
    },
    {
      firstOf: [
        {
          reason: 'amount_out_of_range',
          when: 'a_range or aud_range',
          remedy:
            'Check the amount and its currency: nothing of 10^14 or more, or of 10^10 AUD or more, counts.',
        },
      ],
    },
  ],
  fastPath: {
    patterns: { amount: () => '-?[0-9]{1,9}(?:\\.[0-9]{1,4})?' },
    columns: ({ text }) => [['amount', `try_cast(${text('amount')} as decimal(18,4))`]],
    rated: (dialect) => [
      [['amount_aud', dialect.converted('amount', 'rate', 'millionths', 'rest')]],
    ],
    // Includes the date's test: testing the date as well makes DuckDB cast it a second time.
    accepted: `abs(amount_aud) < ${AUD_LIMIT}`,
  },
});

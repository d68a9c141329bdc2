import { z } from 'zod';
import { shown } from './faults.ts';
import { readable } from './readable.ts';

/** The kinds of rule. Each is the key of objects of that kind. */
export const RULE_KINDS = ['column', 'constant', 'product', 'sum', 'coalesce', 'concat'] as const;

const column = readable(z.string(), (text) => {
  if (text.trim() === '') throw new Error('must name a column');
}).describe('The name of a column: a CSV header, or a JSON path such as customer.email.');
const columns = z.array(column).min(1);

const number = readable(z.number(), (value) => {
  const text = String(value);
  const digits = /^-?(\d+)(?:\.(\d+))?$/.exec(text);
  if (digits === null || Math.abs(value) >= 1e12 || (digits[2]?.length ?? 0) > 6)
    throw new Error(`must be below 10^12 with at most 6 decimal places, not ${text}`);
  if (text.replaceAll(/\D/g, '').replace(/^0+/, '').length > 15)
    throw new Error(`has more than 15 digits, which is the precision of a number: ${text}`);
}).describe('A number below 10^12 with at most 6 decimal places.');
const term = z.union([column, number], { error: () => "must be a column's name or a number" });

function constant(read: (text: string) => void = () => undefined) {
  const value = z.union([z.string(), z.number()], { error: () => 'must be text or a number' });
  return z.strictObject({
    constant: readable(value, (given) => {
      if (String(given).trim() === '')
        throw new Error('must not be blank: a blank value counts as missing');
      read(String(given).trim());
    }).describe('One value for every row.'),
  });
}

const byColumn = z.strictObject({ column });
const byProduct = z.strictObject({
  product: z
    .tuple([term, term], {
      error: (issue) =>
        issue.code === 'invalid_type' ? undefined : 'must hold exactly two factors',
    })
    .describe('Two factors: columns or numbers.'),
});
const bySum = z.strictObject({
  sum: z.array(term).min(1).describe('Terms to add: columns or numbers.'),
  minus: columns.optional().describe('Columns to subtract; a blank one counts as zero.'),
  blank: z
    .literal('zero')
    .optional()
    .describe(
      'zero: a blank term counts as zero, unless all are blank. Unless set, a row with a blank term has no amount and is rejected (amount_missing).',
    )
    .meta({ examples: ['zero'] }),
});
const byCoalesce = z.strictObject({
  coalesce: columns.describe('The first of these columns that is not blank.'),
});
const byConcat = z.strictObject({
  concat: columns.describe('Columns to join; blank ones are left out.'),
  separator: z.string().optional().describe('Between two columns; one blank unless set.'),
});

const kinds = {
  error: () => "must be a column's name or an object with a rule",
};
const text = z.union([column, byColumn, constant(), byCoalesce, byConcat], kinds);
const identity = z.union([column, byColumn, byCoalesce, byConcat], kinds);

/**
 * The shape of a source's `fields`. Each field accepts the kinds of rule that make sense for it.
 */
export const fieldsShape = z.strictObject({
  customer_id: z
    .union([column, byColumn, constant(customerId), byCoalesce, byConcat], kinds)
    .optional(),
  customer_key: text.optional().describe('In place of customer_id where the shop has no integer.'),
  first_name: text.optional(),
  last_name: text.optional(),
  full_name: text.optional(),
  email: text.optional(),
  purchase_id: identity
    .nullable()
    .optional()
    .describe('null: the source has none, each row is a purchase.'),
  purchase_date: text.optional(),
  amount: z.union([column, byColumn, constant(), byProduct, bySum, byCoalesce], kinds).optional(),
  currency: z.union([column, byColumn, constant(currencyCode), byCoalesce], kinds).optional(),
  updated_at: identity
    .optional()
    .describe('Orders the versions of a purchase: a number or a date.'),
  operation: z
    .strictObject(
      {
        column,
        deletes: z
          .array(
            readable(z.union([z.string(), z.number(), z.boolean()]), (value) => {
              if (String(value).trim() === '') throw new Error('must not be blank');
            }),
          )
          .min(1)
          .describe('The values, in any case, that mean: this purchase no longer exists.'),
      },
      {
        error: (issue) =>
          issue.code === 'invalid_type'
            ? 'must be an object: { "column": "Status", "deletes": ["cancelled"] }'
            : undefined,
      },
    )
    .optional(),
});

/** Checks a currency, for constants and `defaultCurrency`. */
export function currencyCode(code: string): void {
  if (!/^[A-Za-z]{3}$/.test(code))
    throw new Error(`must be three letters, such as AUD, not ${shown(code)}`);
}

function customerId(id: string): void {
  const whole = /^([+-]?\d+)(?:\.0*)?$/.exec(id)?.[1];
  if (
    whole === undefined ||
    BigInt.asIntN(32, BigInt(whole.replace('+', ''))) !== BigInt(whole.replace('+', ''))
  )
    throw new Error(`must be a 32-bit integer, not ${shown(id)}`);
}

import type { ObjectReason, ROW_REASONS } from './reasons.ts';
import type { Source } from './source.ts';

/**
 * What to do about each reason for which rows or whole objects are refused: one line each, to be
 * shown beside the count. Once rules, rates or files are mended, the next run reads just the
 * objects concerned again.
 */
export const REMEDIES: Record<(typeof ROW_REASONS)[number] | ObjectReason, string> = {
  row_malformed:
    'Mend the quotes, the number of fields or the JSON of the row in a copy of the file, and put it in place of the old one.',
  purchase_id_missing:
    'Ask the source for the id, map `fields.purchase_id` to another column, or set it to null where no purchase ever has one.',
  customer_id_missing:
    'Send the rows again with a customer; orders of guests without one stay here and count for nobody.',
  customer_id_invalid:
    'A customer_id is a whole number of 32 bits. Where the shop has keys instead, map `fields.customer_key`.',
  customer_key_missing:
    'Send the rows again with a key, or map `fields.customer_key` to a coalesce of columns.',
  customer_key_invalid:
    'A customer key has at most 255 characters: check that the right column is mapped.',
  purchase_date_missing:
    'Send the rows again with a date, or map `fields.purchase_date` to another column.',
  purchase_date_invalid:
    'Declare how the source writes dates in its `dateFormats`, such as "d/M/yyyy".',
  purchase_date_out_of_range:
    'The date is before 1900 or more than a day after its file arrived: check day against month in `dateFormats`, or have the row corrected.',
  amount_missing: 'Send the rows again with an amount; zero must be written as 0.',
  amount_invalid:
    "Declare the source's `format.decimal` and `format.thousands` where it writes 1.234,50 or 1,234.50.",
  amount_out_of_range:
    'Check the amount and its currency: nothing of 10^14 or more, or of 10^10 AUD or more, counts.',
  currency_missing:
    'Send the rows again with one; where all are in one currency, map `fields.currency` to that constant.',
  currency_invalid:
    'A currency is three letters, such as EUR: have the row corrected, or map `fields.currency`.',
  fx_rate_missing: 'Import newer rates with purchases fx import FILE, or raise `fx.maxAgeDays`.',
  updated_at_invalid:
    'Declare how the source writes times in its `dateFormats`, or map `fields.updated_at` to another column.',
  too_many_refused:
    'Too large a share of the object is refused: mend what the other reasons say, or raise `limits.maxQuarantinedShare`.',
  file_unreadable: "Declare the source's `format.encoding`, or have the file sent again whole.",
  schema_mismatch: "Map the fields that the message names to the file's columns.",
  no_source: "Add a source whose `match` fits the object's key.",
};

/**
 * What else may be done about amounts that are missing where these sources add up several columns
 * of a row.
 */
export function blankTermsRemedy(sources: readonly Source[]): string {
  const adding = sources.filter(
    ({ fields: { amount } }) =>
      amount?.kind === 'sum' && amount.terms.length > 1 && amount.blank === undefined,
  );
  if (adding.length === 0) return '';
  const names = adding.map(({ name }) => name).join(', ');
  return ` Where only a term of the sum is blank, and that means nothing: \`blank: zero\` in \`fields.amount\` (${names}).`;
}

import { type FieldReason, FIELDS_BY_REASON } from './fields/fields.ts';
import type { ObjectReason, RowReason } from './reasons.ts';
import type { Source } from './source.ts';

const OF_FIELDS = Object.fromEntries(
  FIELDS_BY_REASON.flatMap(({ rejections }) =>
    rejections.flatMap(({ firstOf }) => firstOf.map(({ reason, remedy }) => [reason, remedy])),
  ),
) as Record<FieldReason, string>;

/**
 * The remedy of each reason for which rows or whole objects are rejected, one line each, shown next
 * to the count. Once rules, rates or files are fixed, the next run reads again just the objects
 * concerned.
 */
export const REMEDIES: Readonly<Record<RowReason | ObjectReason, string>> = {
  row_malformed:
    'Fix the quotes, the number of fields or the JSON of the row in a copy of the file, and put it in place of the old one.',
  ...OF_FIELDS,
  too_many_refused:
    'Too large a share of the object is rejected: fix the rows by their other reasons, or raise `limits.maxQuarantinedShare`.',
  file_unreadable: "Declare the source's `format.encoding`, or have the file sent again whole.",
  schema_mismatch: "Map the fields that the message names to the file's columns.",
  no_source: "Add a source whose `match` fits the object's key.",
};

/** A further remedy for missing amounts, where these sources add up several columns of a row. */
export function blankTermsRemedy(sources: readonly Source[]): string {
  const adding = sources.filter(
    ({ fields: { amount } }) =>
      amount?.kind === 'sum' && amount.terms.length > 1 && amount.blank === undefined,
  );
  if (adding.length === 0) return '';
  const names = adding.map(({ name }) => name).join(', ');
  return ` Where only a term of the sum is blank, and that means nothing: \`blank: zero\` in \`fields.amount\` (${names}).`;
}

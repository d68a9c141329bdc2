import type { Dialect } from './sql/dialect.ts';
import type { Source } from './source.ts';
import type { Stage } from './sql/stages.ts';
import { literal } from './sql/text.ts';

/** Amounts of 10^10 AUD and more are refused (SPEC section 4). */
export const AUD_LIMIT = `${10n ** 10n}`;

/** All that the column `repairs` can say. */
export const REPAIRS_SAID = [
  '',
  'email_invalid',
  'name_repaired',
  'email_invalid,name_repaired',
] as const;

/**
 * The stages that convert the amount and name every reason to refuse a row, joined by commas in the
 * order of `ROW_REASONS`. A good row, by far the most common, is told by null checks alone. A row
 * that deletes needs only its purchase_id.
 */
export function reasonsStages(dialect: Dialect, source: Source): Stage[] {
  const keyed = source.fields.customer_key !== undefined;
  const customer = keyed ? 'customer_key' : 'customer_id';
  const all = `concat_ws(',',
    case when v_purchase_id is null then 'purchase_id_missing' end,
    case when v_${customer} is null then '${customer}_missing' when ${customer} is null then '${customer}_invalid' end,
    case when v_purchase_date is null then 'purchase_date_missing' when purchase_date is null then 'purchase_date_invalid'
      when date_in_range is null then 'purchase_date_out_of_range' end,
    case when a_missing then 'amount_missing' end,
    case when a_invalid then 'amount_invalid' end,
    case when a_range or aud_range then 'amount_out_of_range' end,
    case when v_currency is null then 'currency_missing' when currency is null then 'currency_invalid'
      when rate is null and date_in_range is not null then 'fx_rate_missing' end,
    case when updated_bad then 'updated_at_invalid' end)`;
  const good = `v_purchase_id is not null and ${customer} is not null and date_in_range is not null and amount_aud is not null and not updated_bad and not malformed`;
  return [
    [
      [
        'amount_good',
        'case when not a_missing and not a_invalid and not a_range then amount_read end',
      ],
      [
        'updated_bad',
        'v_updated_at is not null and updated_number is null and updated_micros is null',
      ],
      ['email_bad', 'v_email is not null and email is null'],
      [
        'name_mended',
        'first_name is distinct from v_first_name or last_name is distinct from v_last_name or full_name is distinct from v_full_name',
      ],
    ],
    [
      ['converted', dialect.converted('amount_good', 'rate', 'millionths', 'rest')],
      [
        'repairs',
        `case when email_bad or name_mended then concat_ws(',', case when email_bad then 'email_invalid' end, case when name_mended then 'name_repaired' end) else '' end`,
      ],
    ],
    [['amount_aud', `case when abs(converted) < ${AUD_LIMIT} then converted end`]],
    [['aud_range', 'amount_aud is null and amount_good is not null and rate is not null']],
    [
      [
        'row_reasons',
        `case when ${good} then ''
    when malformed then 'row_malformed'
    when deletes then case when v_purchase_id is null then 'purchase_id_missing' else '' end
    else ${all} end`,
      ],
    ],
  ];
}

/**
 * The reasons of rows with `row_reasons`: every row of an object that refuses too many is refused,
 * good rows for that reason alone.
 */
export function withWholeObjects(refusedWhole: readonly string[]): string {
  if (refusedWhole.length === 0) return 'row_reasons';
  const keys = refusedWhole.map(literal).join(', ');
  return `case when object_key in (${keys}) then concat_ws(',', nullif(row_reasons, ''), 'too_many_refused') else row_reasons end`;
}

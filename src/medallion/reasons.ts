/** Why a row is refused, in the order in which a row's reasons are written (SPEC section 4). */
export const ROW_REASONS = [
  'row_malformed',
  'purchase_id_missing',
  'customer_id_missing',
  'customer_id_invalid',
  'customer_key_missing',
  'customer_key_invalid',
  'purchase_date_missing',
  'purchase_date_invalid',
  'purchase_date_out_of_range',
  'amount_missing',
  'amount_invalid',
  'amount_out_of_range',
  'currency_missing',
  'currency_invalid',
  'fx_rate_missing',
  'updated_at_invalid',
  'too_many_refused',
] as const;

/** Why a whole object is quarantined before its rows are read (SPEC section 3). */
export const OBJECT_REASONS = ['file_unreadable', 'schema_mismatch', 'no_source'] as const;

export type ObjectReason = (typeof OBJECT_REASONS)[number];

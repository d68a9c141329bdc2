import { type FieldReason, FIELDS_BY_REASON } from './fields/fields.ts';

export type RowReason = 'row_malformed' | FieldReason | 'too_many_refused';

/** Why a row is rejected, in the order in which a row lists its reasons (SPEC section 4). */
export const ROW_REASONS: readonly RowReason[] = [
  'row_malformed',
  ...FIELDS_BY_REASON.flatMap(({ rejections }) =>
    rejections.flatMap(({ firstOf }) => firstOf.map(({ reason }) => reason)),
  ),
  'too_many_refused',
];

/** Why a whole object is quarantined before its rows are read (SPEC section 3). */
export const OBJECT_REASONS = ['file_unreadable', 'schema_mismatch', 'no_source'] as const;

export type ObjectReason = (typeof OBJECT_REASONS)[number];

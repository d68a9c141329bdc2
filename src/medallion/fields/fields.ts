import { amount } from './amount.ts';
import { currency } from './currency.ts';
import { customer } from './customer.ts';
import { email } from './email.ts';
import type { Field } from './field.ts';
import { name } from './name.ts';
import { operation } from './operation.ts';
import { purchaseDate } from './purchase-date.ts';
import { purchaseId } from './purchase-id.ts';
import { updatedAt } from './updated-at.ts';

/** The fields of a purchase, in the order of their texts and of silver's columns. */
const ALL = [
  customer,
  name,
  email,
  purchaseId,
  purchaseDate,
  amount,
  currency,
  updatedAt,
  operation,
] as const;

type ReasonOf<F> = F extends Field<infer Reason> ? Reason : never;

/** A reason of a field to reject a row. */
export type FieldReason = ReasonOf<(typeof ALL)[number]>;

export const FIELDS: readonly Field<FieldReason>[] = ALL;

/** The order in which a row lists its reasons (SPEC section 4): that of the purchase's id first. */
export const FIELDS_BY_REASON: readonly Field<FieldReason>[] = [
  purchaseId,
  ...FIELDS.filter((field) => field !== purchaseId),
];

/**
 * The order of the cleaning SQL and of the names in the column `repairs`, which silver's files hold
 * as they are: an address before a name.
 */
export const FIELDS_BY_CLEANING: readonly Field<FieldReason>[] = [
  customer,
  email,
  name,
  purchaseId,
  amount,
  currency,
  operation,
  purchaseDate,
  updatedAt,
];

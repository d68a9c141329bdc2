import { Temporal } from 'temporal-polyfill';
import type { FieldName, FieldRule, Source } from '../../src/medallion/source.ts';
import { amountOf } from './amount.ts';
import { type Moment, dateOf, microsAsText, microsOf, readMoment } from './dates.ts';
import { POINT, format, reaches, readNumber, roundTo } from './decimal.ts';
import { RATE_PLACES, type Rate, rateOn } from './rates.ts';
import type { Cell, GoodRow } from './table.ts';
import { cleanEmail, cleanName, isTooLong, lower, normalName, present } from './text.ts';
import { type CleanFields, type OracleRate, REASONS, type Reason } from './types.ts';

/** All inputs besides the row that decide a row's meaning. */
export type Surroundings = {
  source: Source;
  timeZone: string;
  rates: OracleRate[];
  maxAgeDays: number;
  digest: string;
  lacksCurrency: boolean;
  ingestion: Temporal.PlainDate;
};

/** Blank is before every number, a number before every instant. */
export type Order = { rank: 0 | 1 | 2; value: bigint };

export type Purchase = CleanFields & {
  rate: string | null;
  rate_date: string | null;
  amount_aud: string | null;
  order: Order;
  repairs: ('email_invalid' | 'name_repaired')[];
};

type Read<T> = { value: T } | { reason: Reason };

const FIRST_DAY = Temporal.PlainDate.from('1900-01-01');
const INT32 = 2n ** 31n;

/** Applies a rule to a row's columns, for every rule that yields a text. */
export function textOf(rule: FieldRule, row: GoodRow): Cell | null {
  if (rule.kind === 'column') return row.cell(normalName(rule.column));
  if (rule.kind === 'constant') {
    const text = present(rule.value);
    return text === null ? null : { text, isNumber: false };
  }
  if (rule.kind === 'product' || rule.kind === 'sum')
    throw new Error('only an amount is calculated');
  const cells = rule.columns
    .map((column) => row.cell(normalName(column)))
    .filter((cell) => cell !== null);
  if (rule.kind === 'coalesce') return cells[0] ?? null;
  const text = present(cells.map((cell) => cell.text).join(rule.separator));
  return cells.length === 0 || text === null ? null : { text, isNumber: false };
}

/** A field's value: the first of the rows that is not blank. */
function valueOf(field: FieldName, rows: GoodRow[], source: Source): string | null {
  const rule = source.fields[field];
  if (rule === undefined) return null;
  return rows.map((row) => textOf(rule, row)).find((cell) => cell !== null)?.text ?? null;
}

/**
 * The purchase's own name; a source without one identifies each row by its object's content and its
 * number.
 */
export function purchaseIdOf(row: GoodRow, source: Source, digest: string): string | null {
  if (source.fields.purchase_id === undefined) return `${digest}:${row.number}`;
  return valueOf('purchase_id', [row], source);
}

function readCustomerId(text: string | null): Read<string> {
  if (text === null) return { reason: 'customer_id_missing' };
  const digits = /^([+-]?[0-9]+)(?:\.0*)?$/.exec(text)?.[1];
  if (digits === undefined) return { reason: 'customer_id_invalid' };
  const value = BigInt(digits.replace('+', ''));
  return value >= -INT32 && value < INT32
    ? { value: value.toString() }
    : { reason: 'customer_id_invalid' };
}

function readCustomerKey(text: string | null): Read<string> {
  if (text === null) return { reason: 'customer_key_missing' };
  return isTooLong(text) ? { reason: 'customer_key_invalid' } : { value: lower(text) };
}

function readPurchaseDate(text: string | null, around: Surroundings): Read<Temporal.PlainDate> {
  if (text === null) return { reason: 'purchase_date_missing' };
  const moment = readMoment(text, around.source.dateFormats);
  if (moment === null) return { reason: 'purchase_date_invalid' };
  const date = dateOf(moment, around.source.timeZone, around.timeZone);
  const isEarly = Temporal.PlainDate.compare(date, FIRST_DAY) < 0;
  const isLate = Temporal.PlainDate.compare(date, around.ingestion.add({ days: 1 })) > 0;
  return isEarly || isLate ? { reason: 'purchase_date_out_of_range' } : { value: date };
}

function readCurrency(text: string | null, around: Surroundings): Read<string> {
  const given = around.lacksCurrency ? present(around.source.defaultCurrency ?? null) : text;
  if (given === null) return { reason: 'currency_missing' };
  return /^[A-Za-z]{3}$/.test(given)
    ? { value: given.toUpperCase() }
    : { reason: 'currency_invalid' };
}

function readUpdatedAt(
  text: string | null,
  around: Surroundings,
): Read<{ text: string | null; order: Order }> {
  if (text === null) return { value: { text: null, order: { rank: 0, value: 0n } } };
  const number = readNumber(text, POINT);
  if (number !== null) {
    const value = roundTo(number, 9);
    if (reaches({ digits: value, scale: 9 }, 18)) return { reason: 'updated_at_invalid' };
    return { value: { text: format(value, 9), order: { rank: 1, value } } };
  }
  const moment: Moment | null = readMoment(text, around.source.dateFormats);
  if (moment === null) return { reason: 'updated_at_invalid' };
  const value = microsOf(moment, around.source.timeZone ?? around.timeZone);
  return { value: { text: microsAsText(value), order: { rank: 2, value } } };
}

function valueOr<T>(read: Read<T> | null): T | null {
  return read !== null && 'value' in read ? read.value : null;
}

function isDeleting(rows: GoodRow[], source: Source): boolean {
  const operation = valueOf('operation', rows, source);
  return operation !== null && source.deletes.map(lower).includes(lower(operation));
}

type Money = { amount: bigint | null; aud: bigint | null; rate: Rate | null; reasons: Reason[] };

/** Amount, rate and their product in cents: `round(amount * rate, 2)`, half away from zero. */
function moneyOf(
  rows: GoodRow[],
  date: Temporal.PlainDate | null,
  currency: string | null,
  around: Surroundings,
): Money {
  const read = amountOf(rows, { source: around.source, textOf });
  const rate = date !== null && currency !== null ? rateOn(currency, date, around) : null;
  const reasons: Reason[] = 'reasons' in read ? [...read.reasons] : [];
  if (date !== null && currency !== null && rate === null) reasons.push('fx_rate_missing');
  const amount = 'units' in read ? read.units : null;
  if (amount === null || rate === null) return { amount, aud: null, rate, reasons };
  const cents = roundTo({ digits: amount * rate.units, scale: 4 + RATE_PLACES }, 2);
  if (!reaches({ digits: cents, scale: 2 }, 10)) return { amount, aud: cents, rate, reasons };
  return { amount, aud: null, rate, reasons: [...reasons, 'amount_out_of_range'] };
}

function peopleOf(rows: GoodRow[], source: Source) {
  const first = cleanName(valueOf('first_name', rows, source));
  const last = cleanName(valueOf('last_name', rows, source));
  const full = cleanName(valueOf('full_name', rows, source));
  const email = cleanEmail(valueOf('email', rows, source));
  const repairs: Purchase['repairs'] = email.invalid ? ['email_invalid'] : [];
  if (first.repaired || last.repaired || full.repaired) repairs.push('name_repaired');
  return {
    first_name: first.value,
    last_name: last.value,
    full_name: full.value,
    email: email.value,
    repairs,
  };
}

/** Cleans the rows of one purchase (a single one, or its lines); every reason if it is rejected. */
export function cleanPurchase(
  rows: GoodRow[],
  around: Surroundings,
): { purchase: Purchase } | { reasons: Reason[] } {
  const { source } = around;
  const value = (field: FieldName): string | null => valueOf(field, rows, source);
  const id = rows[0] === undefined ? null : purchaseIdOf(rows[0], source, around.digest);
  const isKeyed = source.fields.customer_key !== undefined;
  const customerId = isKeyed ? null : readCustomerId(value('customer_id'));
  const customerKey = isKeyed ? readCustomerKey(value('customer_key')) : null;
  const date = readPurchaseDate(value('purchase_date'), around);
  const currency = readCurrency(value('currency'), around);
  const updated = readUpdatedAt(value('updated_at'), around);
  const money = moneyOf(rows, valueOr(date), valueOr(currency), around);
  const deletes = isDeleting(rows, source);

  const refusals = [customerId, customerKey, date, currency, updated].flatMap((read) =>
    read !== null && 'reason' in read ? [read.reason] : [],
  );
  const reasons = new Set<Reason>(deletes ? [] : [...refusals, ...money.reasons]);
  if (id === null) reasons.add('purchase_id_missing');
  if (id === null || reasons.size > 0)
    return { reasons: REASONS.filter((reason) => reasons.has(reason)) };
  const newness = valueOr(updated);
  return {
    purchase: {
      purchase_id: id,
      customer_id: valueOr(customerId),
      customer_key: valueOr(customerKey),
      ...peopleOf(rows, source),
      purchase_date: valueOr(date)?.toString() ?? null,
      amount: money.amount === null ? null : format(money.amount, 4),
      currency: valueOr(currency),
      rate: money.rate && format(money.rate.units, RATE_PLACES),
      rate_date: money.rate?.rate_date ?? null,
      amount_aud: money.aud === null ? null : format(money.aud, 2),
      updated_at: newness?.text ?? null,
      order: newness?.order ?? { rank: 0, value: 0n },
      deletes,
    },
  };
}

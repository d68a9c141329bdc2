import { POINT, format, reaches, readNumber, roundTo } from './decimal.ts';
import { cut, trim } from './text.ts';
import type { OracleGoldRow, OracleVersion } from './types.ts';

function fullName(one: OracleVersion): string | null {
  if (one.full_name !== null) return one.full_name;
  const joined = [one.first_name, one.last_name].filter((name) => name !== null).join(' ');
  return joined === '' ? null : trim(cut(joined));
}

function cents(one: OracleVersion): bigint {
  const value = readNumber(one.amount_aud ?? '', POINT);
  if (value === null)
    throw new Error(`${one.purchase_id}: a counting purchase without its amount in AUD`);
  return roundTo(value, 2);
}

function isRefund(one: OracleVersion): boolean {
  return (one.amount ?? '').startsWith('-');
}

function customerOf(customer_id: string, arrived: OracleVersion[]): OracleGoldRow {
  const total = arrived.reduce((sum, one) => sum + cents(one), 0n);
  if (reaches({ digits: total, scale: 2 }, 16))
    throw new Error(`customer ${customer_id}: the total does not fit`);
  const bought = arrived.filter((one) => !isRefund(one)).map((one) => one.purchase_date ?? '');
  const dates = bought.toSorted();
  // The sort is stable: purchases of one date stay in order of arrival.
  const newest = arrived
    .toSorted((a, b) =>
      (a.purchase_date ?? '') < (b.purchase_date ?? '')
        ? -1
        : a.purchase_date === b.purchase_date
          ? 0
          : 1,
    )
    .toReversed();
  return {
    customer_id,
    full_name: newest.map(fullName).find((name) => name !== null) ?? null,
    email: newest.map((one) => one.email).find((email) => email !== null) ?? null,
    total_spent_aud: format(total, 2),
    first_purchase_date: dates.at(0) ?? null,
    last_purchase_date: dates.at(-1) ?? null,
    purchase_count: String(dates.length),
  };
}

/**
 * One row per customer with a counting purchase, by customer_id; the versions are in order of
 * arrival.
 */
export function goldOf(versions: OracleVersion[]): OracleGoldRow[] {
  const counting = versions.filter((one) => one.outcome === 'accepted');
  const customers = new Map<string, OracleVersion[]>();
  for (const one of counting) {
    const id = one.customer_id ?? '';
    customers.set(id, [...(customers.get(id) ?? []), one]);
  }
  return [...customers]
    .map(([id, purchases]) => customerOf(id, purchases))
    .toSorted((a, b) => Number(a.customer_id) - Number(b.customer_id));
}

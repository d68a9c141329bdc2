import { Temporal } from 'temporal-polyfill';
import { readNumber, POINT, roundTo } from './decimal.ts';
import type { OracleRate } from './types.ts';

export const RATE_PLACES = 12;

/** AUD per unit, in units of 10^-12; AUD itself has no published day. */
export type Rate = { units: bigint; rate_date: string | null };

/** The last published rate on or before the day, if it is not older than `maxAgeDays`. */
export function rateOn(
  currency: string,
  day: Temporal.PlainDate,
  { rates, maxAgeDays }: { rates: OracleRate[]; maxAgeDays: number },
): Rate | null {
  if (currency === 'AUD') return { units: 10n ** BigInt(RATE_PLACES), rate_date: null };
  const last = day.toString();
  const first = day.subtract({ days: maxAgeDays }).toString();
  const usable = rates
    .filter(
      (rate) => rate.currency === currency && rate.rate_date >= first && rate.rate_date <= last,
    )
    .toSorted((a, b) => (a.rate_date < b.rate_date ? -1 : 1));
  const newest = usable.at(-1);
  const value = newest && readNumber(newest.rate, POINT);
  return newest && value
    ? { units: roundTo(value, RATE_PLACES), rate_date: newest.rate_date }
    : null;
}

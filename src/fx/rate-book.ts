import { roundFraction, sameFraction } from './decimal.ts';
import type { Fraction } from './decimal.ts';
import type { Faults } from './faults.ts';
import { RATE_PLACES } from './rates.ts';
import type { DatedRates } from './rates.ts';

/**
 * Collects rates, and the faults of those that contradict each other or do not fit DECIMAL(18,12).
 */
export type RateBook = {
  add(currency: string, day: string, value: Fraction, line: number): void;
  rates(): DatedRates;
};

type Known = { value: Fraction; line: number };

// DECIMAL(18,12) leaves six digits before the point.
const TOO_LARGE = 10n ** 18n;

export function openRateBook(faults: Faults): RateBook {
  // Nested maps: joined keys made reading the central bank's 221,702 rates a third slower.
  const book = new Map<string, Map<string, Known>>();
  return {
    add(currency, day, value, line) {
      const days = book.get(currency) ?? new Map<string, Known>();
      const known = days.get(day);
      if (known === undefined) days.set(day, { value, line });
      else if (!sameFraction(known.value, value)) {
        faults.add(line, `${currency} on ${day} differs from what line ${known.line} says`);
      }
      book.set(currency, days);
    },
    rates: () =>
      new Map([...book].map(([currency, days]) => [currency, roundAll(currency, days, faults)])),
  };
}

function roundAll(currency: string, days: Map<string, Known>, faults: Faults): Map<string, bigint> {
  const rounded = new Map<string, bigint>();
  for (const [day, { value, line }] of days) {
    const rate = roundFraction(value, RATE_PLACES);
    const wrong = sizeFault(rate);
    if (wrong !== undefined) faults.add(line, `${currency} on ${day} ${wrong}`);
    rounded.set(day, rate);
  }
  return rounded;
}

function sizeFault(rate: bigint): string | undefined {
  if (rate === 0n) return 'is worth so little in AUD that it rounds to 0 at 12 places';
  return rate >= TOO_LARGE ? 'is worth 1,000,000 AUD or more, which no rate can be' : undefined;
}

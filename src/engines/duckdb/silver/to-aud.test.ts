import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { toAud } from './to-aud.ts';
import { openSession } from '../session.ts';

const amounts = fc.oneof(
  fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }),
  fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n }),
  fc.bigInt({ min: -20_000n, max: 20_000n }).map((halves) => halves * 50n),
);
const rates = fc.oneof(
  fc.bigInt({ min: 1n, max: 10n ** 18n - 1n }),
  fc.bigInt({ min: 1n, max: 10n ** 14n }),
  fc.bigInt({ min: 1n, max: 4_000n }).map((thousandths) => thousandths * 10n ** 9n),
);

/**
 * Cents of a product of units of 10^-4 and 10^-12, half away from zero; null beyond DECIMAL(18,2).
 */
function cents(amount: bigint, rate: bigint): string | null {
  const product = amount < 0n ? -amount * rate : amount * rate;
  const whole = (product + 5n * 10n ** 13n) / 10n ** 14n;
  if (whole >= 10n ** 18n) return null;
  const text = whole.toString().padStart(3, '0');
  return `${amount < 0n && whole > 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}

const decimal = (units: bigint, places: number): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
};

test('an amount in AUD is amount times rate, rounded once, half away from zero', async () => {
  await using session = await openSession({
    memoryLimit: '200MB',
    scratch: join(tmpdir(), 'purchases-converted-test'),
    signal: new AbortController().signal,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(amounts, rates), { minLength: 200, maxLength: 200 }),
      async (pairs) => {
        const values = pairs.map(
          ([amount, rate], index) =>
            `(${index}, cast('${decimal(amount, 4)}' as decimal(18,4)), cast('${decimal(rate, 12)}' as decimal(18,12)), cast(${rate / 1_000_000n} as bigint), cast(${rate % 1_000_000n} as bigint))`,
        );
        const rows = await session.rows(
          `select cast(${toAud('a', 'r', 'm', 'l')} as varchar) as aud from (values ${values.join(', ')}) as t(i, a, r, m, l) order by i`,
        );
        expect(rows.map(({ aud }) => aud)).toEqual(
          pairs.map(([amount, rate]) => cents(amount, rate)),
        );
      },
    ),
    { numRuns: 25 },
  );
});

import fc from 'fast-check';
import { rarely, usually } from './draw.ts';
import { type RandomLakeOptions, objectsOf } from './random-object.ts';
import { ZONES, sourcePlan } from './random-source.ts';
import type { OracleInput, OracleObject, OracleRate } from './types.ts';

const stray: fc.Arbitrary<OracleObject[]> = rarely<OracleObject[]>(
  [],
  [{ key: 'elsewhere/x.csv', modified: 1_775_300_000, bytes: Buffer.from('a,b\n1,2\n') }],
  [{ key: 'shop/readme.pdf', modified: 1_775_300_000, bytes: Buffer.from('%PDF') }],
);

/**
 * Always included, so that most purchases in them have a rate; the others are drawn and leave gaps.
 */
const KEPT_RATES: OracleRate[] = [
  { currency: 'USD', rate_date: '2026-03-27', rate: '1.550000000000' },
  { currency: 'EUR', rate_date: '2026-03-27', rate: '1.650000000000' },
  { currency: 'EUR', rate_date: '2026-04-02', rate: '1.660000000005' },
];

function isKept({ currency, rate_date }: OracleRate): boolean {
  return KEPT_RATES.some((rate) => rate.currency === currency && rate.rate_date === rate_date);
}

const rates: fc.Arbitrary<OracleRate[]> = fc
  .uniqueArray(
    fc.record({
      currency: fc.constantFrom('USD', 'EUR', 'JPY'),
      rate_date: fc.constantFrom(
        '2026-03-20',
        '2026-03-27',
        '2026-03-31',
        '2026-04-01',
        '2026-04-03',
      ),
      rate: fc.constantFrom(
        '1.500000000000',
        '1.612345678905',
        '0.009876543215',
        '0.000000000001',
        '999999.999999999999',
      ),
    }),
    { selector: (rate) => `${rate.currency} ${rate.rate_date}`, minLength: 4, maxLength: 12 },
  )
  .map((list) => [...list.filter((rate) => !isKept(rate)), ...KEPT_RATES]);

/**
 * Random lakes, small enough to be understood when they shrink: up to three sources with mappings
 * of every kind, a few objects each, few purchases and customers, so that versions collide.
 */
export function randomLake(options: RandomLakeOptions = {}): fc.Arbitrary<OracleInput> {
  const plans = fc
    .integer({ min: 1, max: 3 })
    .chain((count) => fc.tuple(...['shop', 'till', 'web'].slice(0, count).map(sourcePlan)));
  return plans.chain((chosen) =>
    fc
      .record({
        objects: fc.tuple(...chosen.map((plan) => objectsOf(plan, options)), stray),
        timeZone: fc.oneof(fc.constant('Australia/Sydney'), fc.constantFrom(...ZONES)),
        rates,
        maxAgeDays: usually(7, 1, 0),
        maxQuarantinedShare: usually(1, 0.5, 0.2, 0),
        maxInflation: fc.constant(200),
        firstCustomerId: fc.constantFrom(1_000_000_001, 1_000_000_001, 5000),
        registry: fc
          .constantFrom<[string, number][]>([], [], [['cus_1', 1_000_000_007]])
          .map((known) => new Map(known)),
      })
      .map((lake) => ({
        ...lake,
        sources: chosen.map((plan) => plan.source),
        objects: lake.objects.flat(),
      })),
  );
}

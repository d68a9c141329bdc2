import type { OracleInput, OracleObject } from '../oracle/index.ts';
import { handSource } from '../oracle/hand-lake.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';

const HEAD = 'customer_key,first_name,email,purchase_id,purchase_date,amount,currency,updated_at';

/**
 * A day's rows: purchases and customers that other days name too, some of them in a currency that
 * has no rate.
 */
function day(date: number, seed: number, rows = 40): OracleObject {
  const lines = Array.from({ length: rows }, (_, at) =>
    [
      `cus_${(at * 7 + seed) % 17}`,
      ['Ann', 'Zoë', ''][(at + seed) % 3],
      ['a@b.co', '', 'no'][at % 3],
      `p${(at * 5 + seed * 11) % 90}`,
      `2026-03-${String(10 + ((at + seed) % 20)).padStart(2, '0')}`,
      ['10.005', '-3', '7', 'x'][(at * 3 + seed) % 4],
      ['AUD', 'EUR', 'USD', 'JPY'][(at + seed) % 4],
      ['', '1', '2'][(at * seed) % 3],
    ].join(','),
  );
  const key = `shop/2026-04-0${date}/day.csv`;
  return { key, bytes: Buffer.from([HEAD, ...lines].join('\n')), modified: NOON + seed };
}

const BAD: OracleObject = {
  key: 'shop/2026-04-06/bad.csv',
  bytes: Buffer.from(`${HEAD}\ncus_1,,,b1,2026-03-10,x,AUD,\ncus_2,,,b2,,1,AUD,\n`),
  modified: NOON,
};

const fields = { customer_key: 'customer_key', last_name: null, updated_at: 'updated_at' };
const rates = ['2026-03-10', '2026-03-17', '2026-03-24'].flatMap((rate_date, at) => [
  { currency: 'EUR', rate_date, rate: `1.65000000000${at}` },
  { currency: 'USD', rate_date, rate: '1.500000000000' },
]);

export const BEGUN: OracleInput = {
  ...plainLake([day(1, 1), day(2, 2), day(3, 3), BAD], { fields }),
  rates,
  // A day of which every row is rejected is rejected whole.
  maxQuarantinedShare: 0.9,
};

type Change = {
  what: string;
  objects: OracleObject[];
  changed?: Partial<Pick<OracleInput, 'rates' | 'sources'>>;
};

/** The changes of a lake between two runs, each on top of the one before. */
export const CHANGES: readonly Change[] = [
  { what: 'begun', objects: BEGUN.objects },
  {
    what: 'an object more, one replaced, one gone',
    objects: [...BEGUN.objects.slice(0, 1), day(2, 5), day(4, 4)],
  },
  {
    what: 'a late rate and another rule',
    objects: [...BEGUN.objects.slice(0, 1), day(2, 5), day(4, 4)],
    changed: {
      rates: [...rates, { currency: 'JPY', rate_date: '2026-03-20', rate: '0.010000000001' }],
    },
  },
  {
    what: 'another rule',
    objects: [...BEGUN.objects.slice(0, 1), day(2, 5), day(4, 4), day(5, 6)],
    changed: {
      sources: [
        handSource({ fields: { ...fields, full_name: { kind: 'constant', value: 'Somebody' } } }),
      ],
    },
  },
];

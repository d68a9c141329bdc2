import type { OracleObject } from '../oracle/index.ts';
import { BASE, COLUMNS, LATER, RATES, SOURCES, type Stage } from './lake-history.ts';

const DAY = 86_400;

/**
 * A file of the day in April; a row is customer, name, purchase, date in March, amount, currency
 * and operation.
 */
function file(source: string, day: number, name: string, ...rows: string[]): OracleObject {
  const lines = rows.map((row) => {
    const [
      customer = '',
      first = '',
      purchase = '',
      date = '',
      amount = '',
      currency = '',
      operation = '',
    ] = row.split(' ');
    const email = first && `${first.toLowerCase()}@example.com`;
    return `${customer},${first},,${email},${purchase},2026-03-${date},${amount},${currency},,${operation}`;
  });
  return {
    key: `${source}/2026-04-0${day}/${name}.csv`,
    modified: 1_775_300_000 + day * DAY,
    bytes: Buffer.from([COLUMNS, ...lines, ''].join('\n')),
  };
}

const held = ['4 Di u1 31 33.335 USD', '5 Ed half 28 1.005 AUD'];
const first = file('shop', 1, 'a', '1 Ada m1 28 10 AUD', '77 Bo only 28 5 AUD', ...held);
const corrected: OracleObject = {
  ...file('shop', 1, 'a', '2 Ada m1 28 10 AUD', ...held),
  modified: first.modified + 60,
};
const again = file(
  'shop',
  2,
  'again',
  '2  b1 28 1.05 AUD',
  '4 Flo b3 29 400 AUD',
  '6  b5 28 0 AUD void',
);
const yen = file('shop', 1, 'yen', '3 Cy j1 29 1000 JPY');
const keyed = file('keyed', 1, 'k', 'cus_2  k1 28 20 AUD', 'cus_1  k2 28 30 AUD');
const more = file('keyed', 2, 'more', 'cus_3  k3 28 40 AUD', 'cus_1  k4 28 2 EUR');
const early: Stage = {
  objects: [BASE, first, yen, keyed],
  sources: SOURCES,
  rates: RATES,
  timeZone: 'Australia/Sydney',
};

/**
 * A lake in which each stage changes little: a purchase moves to another customer, another customer
 * disappears, copies and corrections arrive on another day, rates arrive late and are revised, and
 * a file is removed.
 */
export const STORY: readonly Stage[] = [
  early,
  { ...early, objects: [BASE, corrected, yen, keyed, again, more] },
  { ...early, objects: [BASE, corrected, yen, keyed, again, more], rates: [...RATES, ...LATER] },
  { ...early, objects: [BASE, corrected, yen, more], rates: [...RATES, ...LATER] },
];

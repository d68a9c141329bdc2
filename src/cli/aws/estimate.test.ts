import { expect, test } from 'vitest';

import { packageFolder } from '../wiring/wiring.ts';
import { estimate, type Usage } from './estimate.ts';
import { readPrices } from './prices.ts';

const { prices, ...table } = await readPrices(packageFolder());
const USAGE: Usage = {
  rowsPerDay: 100_000,
  runsPerDay: 24,
  bytesPerRow: 100,
  queriesPerDay: 10,
  monthsKept: 12,
  databaseClass: 't4g.micro',
};
const costs = (usage: Partial<Usage> = {}): Record<string, number> =>
  Object.fromEntries(
    estimate({ ...USAGE, ...usage }, prices).map(({ service, usd }) => [service, usd]),
  );

test('the price table names its region, date and source', () => {
  expect(table.region).toMatch(/^[a-z]{2}-[a-z]+-\d$/);
  expect(table.dated).toMatch(/^20\d\d-\d\d$/);
  expect(table.source).toContain('aws.amazon.com');
});

test('what exists all month costs its hours', () => {
  expect(costs()).toMatchObject({
    RDS: 13.98, // 730 h x 0.016 + 20 GB x 0.115
    'VPC endpoints': 58.4, // 4 x 2 x 730 h x 0.01
    'Secrets Manager': 0.4,
  });
});

test('each line is the sum of its parts at the prices of the table, and its formula names them', () => {
  const known = new Set(
    Object.values(prices).flatMap((price) =>
      typeof price === 'number' ? [price] : Object.values(price),
    ),
  );
  for (const { service, parts, formula, usd } of estimate(USAGE, prices)) {
    const sum = parts.reduce((total, { quantity, price }) => total + quantity * price, 0);
    expect({ service, cents: Math.round(sum * 100) }).toEqual({
      service,
      cents: Math.round(usd * 100),
    });
    expect(parts.filter(({ price }) => !known.has(price))).toEqual([]);
    expect(parts.filter(({ price, unit }) => !formula.includes(`${unit} x ${price}`))).toEqual([]);
  }
});

test('Glue costs where a run reads more than Lambda takes, and nothing below', () => {
  expect(costs()['Glue']).toBe(0);
  expect(costs({ rowsPerDay: 500_000_000, runsPerDay: 2 })['Glue']).toBeGreaterThan(10);
  // Little is new in each run, but silver of a year is read too, as Plan counts.
  expect(costs({ rowsPerDay: 1_000_000 })['Glue']).toBeGreaterThan(10);
});

test('more rows never cost less', () => {
  const total = (rowsPerDay: number): number =>
    Object.values(costs({ rowsPerDay })).reduce((sum, usd) => sum + usd, 0);
  const totals = [0, 1000, 100_000, 10_000_000].map(total);
  expect(totals).toEqual(totals.toSorted((a, b) => a - b));
});

test('a class without a price is named, with those that have one', () => {
  expect(() => costs({ databaseClass: 'x1.huge' })).toThrow('x1.huge');
});

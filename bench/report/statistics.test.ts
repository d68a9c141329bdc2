import { expect, test } from 'vitest';
import { fitExponent, fitLine, spread } from './statistics.ts';

test('the median of an even number of runs is halfway between the middle two', () => {
  expect(spread([4, 1, 3, 10])).toEqual({ median: 3.5, least: 1, most: 10 });
  expect(spread([2])).toEqual({ median: 2, least: 2, most: 2 });
});

test('a fixed cost and a cost per row are separated', () => {
  const { a, b } = fitLine([1e5, 1e6, 1e7].map((x) => ({ x, y: 0.4 + 2e-6 * x })));
  expect(a).toBeCloseTo(0.4, 9);
  expect(b).toBeCloseTo(2e-6, 12);
});

test('the exponent is 1 for linear growth and 0 for no growth', () => {
  const rows = [1e5, 1e6, 1e7];
  expect(fitExponent(rows.map((x) => ({ x, y: 3e-6 * x })))).toBeCloseTo(1, 9);
  expect(fitExponent(rows.map((x) => ({ x, y: 3 })))).toBeCloseTo(0, 9);
  expect(fitExponent(rows.map((x) => ({ x, y: 2 * x ** 0.5 })))).toBeCloseTo(0.5, 9);
});

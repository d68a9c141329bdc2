import { expect, test } from 'vitest';
import { estimate, secondsARow } from './estimate.ts';

test('the cost of starting Spark is not multiplied by the rows', () => {
  const rates = [1e5, 1e6, 1e7].map((rows) => ({ rows, cpu: 40 + 3e-5 * rows }));
  expect(secondsARow(rates)).toBeCloseTo(3e-5, 9);
  expect(secondsARow([{ rows: 1e6, cpu: 30 }])).toBeCloseTo(3e-5, 9);
});

test('a billion rows at 36 microseconds take 10 processor hours: an hour of 2.5 workers, and three starts of a minute', () => {
  const { hours, usd } = estimate(1e9, 2.5, 3.6e-5, 0.44);
  expect(hours).toEqual([expect.closeTo(1.05, 9), expect.closeTo(2.05, 9)]);
  expect(usd).toEqual([expect.closeTo(1.155, 9), expect.closeTo(2.255, 9)]);
});

import { expect, test } from 'vitest';
import { ageInDays } from './rates.ts';

test('a table’s age is the whole days since its newest one, across daylight saving and leap years', () => {
  expect(ageInDays('2026-10-30', '2026-10-30')).toBe(0);
  expect(ageInDays('2024-02-28', '2024-03-01')).toBe(2);
  expect(ageInDays('2025-10-30', '2026-10-30')).toBe(365);
  expect(ageInDays('2026-10-30', '2026-10-29')).toBe(-1);
});

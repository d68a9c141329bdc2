import { expect, test } from 'vitest';
import { UsageError } from '../../errors.ts';
import { goldAsOf, goldDays } from './gold-days.ts';
import type { GoldRecord } from './records.ts';

const gold = (day: string): GoldRecord => ({
  day,
  prefix: '',
  files: [],
  customers: 0,
  total: '0.00',
  digest: '0',
});
const commits = (...days: (string | null)[]) =>
  days.map((day, index) => ({ seq: index + 1, gold: day === null ? null : gold(day) }));
const kept = (...days: (string | null)[]): string[] =>
  goldDays(commits(...days)).map(({ day, seq }) => `${day} ${seq}`);

test('a day keeps its newest version, and days after the newest commit are withdrawn', () => {
  expect(kept('2026-01-01', '2026-01-01', '2026-01-03')).toEqual(['2026-01-01 2', '2026-01-03 3']);
  expect(kept('2026-01-01', '2026-01-05', '2026-01-03')).toEqual(['2026-01-01 1', '2026-01-03 3']);
  expect(kept('2026-01-01', null)).toEqual([]);
  expect(kept()).toEqual([]);
});

test('gold as of a date is that of the newest day not after it', () => {
  const days = goldDays(commits('2026-01-01', '2026-01-03', '2026-01-07'));
  const dayOn = (date: string): string => goldAsOf(days, days, date).day;
  expect([dayOn('2026-01-01'), dayOn('2026-01-06'), dayOn('2030-01-01')]).toEqual([
    '2026-01-01',
    '2026-01-03',
    '2026-01-07',
  ]);
  expect(() => dayOn('2025-12-31')).toThrow(UsageError);
  expect(() => goldAsOf(days, days.slice(2), '2026-01-06')).toThrow(/2026-01-03.*vacuumed/);
});

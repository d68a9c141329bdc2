import { expect, test } from 'vitest';
import type { Profile } from '../parts/profile.ts';
import { profileTable, profileWords } from './profile-section.ts';

const few = { projection: 2, 'hash join': 1.5, planning: 0.4, 'in no operator': 0.1 };
const profile: Profile = {
  rows: 1_000_000,
  plain: [10, 9, 11],
  profiled: [10.5],
  states: [
    { state: 'BronzeToSilver', wall: 4, statements: 1200, operators: few },
    {
      state: 'SilverToGold',
      wall: 1,
      statements: 34,
      operators: { 'hash join': 1, planning: 0.2 },
    },
  ],
};

test("the costliest operators come first, and DuckDB's share is of the state's time on all cores", () => {
  expect(profileTable(profile, 2).split('\n').slice(2)).toEqual([
    '| hash join | 1.50 | 1.00 |',
    '| projection | 2.00 | 0.00 |',
    '| planning | 0.40 | 0.20 |',
    '| in no operator | 0.10 | 0.00 |',
    '| **all of DuckDB** | 4.00 | 1.20 |',
    '| the state by the clock | 4.00 | 1.00 |',
    "| DuckDB's share of 2 cores | 50.0% | 60.0% |",
  ]);
});

test('operators after the tenth are added up as other', () => {
  const operators = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`kind ${i}`, 12 - i]));
  const state = { state: 'BronzeToSilver', wall: 100, statements: 1, operators };
  const lines = profileTable({ ...profile, states: [state] }, 1).split('\n');
  expect(lines[11]).toBe('| kind 9 | 3.00 |');
  expect(lines[12]).toBe('| other | 3.00 |');
});

test('the cost of profiling is computed from the medians', () => {
  expect(profileWords(profile)).toContain('profiles of the 1,234 statements');
  expect(profileWords(profile)).toMatch(/took 10\.5 s, without them 10\.0 s \(\+5\.0%\)\.$/);
});

import { expect, test } from 'vitest';

import { conserved } from './conservation.ts';
import type { ObjectRecord } from '../ledger/records.ts';

const record = (key: string, read: number): ObjectRecord => ({
  key,
  size: 1,
  etag: 'e',
  modified: 0,
  sha256: null,
  ingestion_date: '2026-01-01',
  source: 'shop',
  rules: 'r',
  rows: { read, accepted: read, duplicate: 0, superseded: 0, deleted: 0, quarantined: 0 },
  reasons: {},
  repairs: {},
  drift: [],
  silver: null,
  quarantine: null,
});
const outcomes = (accepted: number) => ({ accepted, duplicate: 0, superseded: 0, deleted: 0 });
const planned = [{ key: 'a.csv' }, { key: 'b.csv' }];

test('every planned object is committed once, with its rows by outcome', () => {
  const results = [record('b.csv', 2), record('a.csv', 3)];
  const fates = { 'a.csv': { ...outcomes(2), superseded: 1 }, 'b.csv': outcomes(2) };
  expect(conserved(planned, results, fates).map(({ key, rows }) => [key, rows.accepted])).toEqual([
    ['a.csv', 2],
    ['b.csv', 2],
  ]);
});

test('a planned object without a result stops the run with an error that names it', () => {
  expect(() => conserved(planned, [record('a.csv', 3)], {})).toThrow('2 objects 1');
  expect(() => conserved(planned, [record('a.csv', 3), record('a.csv', 3)], {})).toThrow('b.csv');
});

test('a lost row stops the run with an error that names its object', () => {
  const results = [record('a.csv', 3), record('b.csv', 2)];
  expect(() => conserved(planned, results, { 'a.csv': outcomes(2), 'b.csv': outcomes(2) })).toThrow(
    'Rows of a.csv do not add up: 3 were read',
  );
});

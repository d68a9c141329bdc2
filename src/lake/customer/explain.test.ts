import { expect, test } from 'vitest';

import { ExplanationUntrue } from '../../errors.ts';
import type { HistoryRow } from '../../medallion/gold/explain.ts';
import type { CustomerFacts, GoldRow } from './facts.ts';
import { centsText, toAud, units } from './money.ts';
import { explanation } from './explain.ts';
import { emptyState, type LakeState, type ObjectRecord } from '../ledger/records.ts';
import { type Version, whySuperseded } from './version.ts';

const object: ObjectRecord = {
  key: '2026/01/29/a.csv',
  size: 1,
  etag: 'e',
  modified: 1_769_821_200,
  sha256: null,
  ingestion_date: '2026-01-29',
  source: 'shop',
  rules: 'r',
  rows: { read: 1, accepted: 1, duplicate: 0, superseded: 0, deleted: 0, quarantined: 0 },
  reasons: {},
  repairs: {},
  drift: [],
  silver: 's',
  quarantine: null,
};
const state: LakeState = { ...emptyState(), seq: 4, objects: new Map([[object.key, object]]) };

const row: HistoryRow = {
  source: 'shop',
  purchase_id: 'p',
  place: '1',
  fate: 'accepted',
  customer_id: '1',
  full_name: 'Ann',
  email: null,
  purchase_date: '2026-01-28',
  amount: '10.0000',
  currency: 'EUR',
  rate: '1.700000000000',
  rate_date: '2026-01-28',
  amount_aud: '17.00',
  updated_number: null,
  updated_micros: null,
  lines: '1',
  object_key: object.key,
  row_number: '1',
  arrival: '1',
};
const gold: GoldRow = {
  customer_id: '1',
  full_name: 'Ann',
  email: null,
  total_spent_aud: '17.00',
  first_purchase_date: '2026-01-28',
  last_purchase_date: '2026-01-28',
  purchase_count: '1',
};
const facts = (history: HistoryRow[], of: GoldRow | undefined): CustomerFacts => ({
  ids: [1],
  keys: [],
  previousIds: [],
  history,
  gold: of,
  refused: [],
});

test('purchases that add up to gold are explained', () => {
  expect(explanation(state, facts([row], gold), 1).total_spent_aud).toBe('17.00');
});

test.each([
  ['a cent more in gold', [row], { ...gold, total_spent_aud: '17.01' }, 'total_spent_aud is 17.00'],
  ['another name in gold', [row], { ...gold, full_name: 'Bob' }, 'full_name is Ann'],
  ['another count in gold', [row], { ...gold, purchase_count: '2' }, 'purchase_count is 1'],
  ['no row in gold', [row], undefined, 'gold has no row'],
  [
    'a row in gold without purchases',
    [{ ...row, fate: 'deleted' }],
    gold,
    'gold has a row without',
  ],
  ['a wrong product', [{ ...row, amount_aud: '17.01' }], gold, '10.0000 at 1.700000000000'],
])('%s is an error that names the difference', (_, history, of, message) => {
  const explain = () => explanation(state, facts(history, of), 1);
  expect(explain).toThrow(ExplanationUntrue);
  expect(explain).toThrow(message);
});

test.each([
  ['0.0050', '1', 1n],
  ['-0.0050', '1', -1n],
  ['0.0049', '1', 0n],
  ['99999999999999.9999', '0.000100000000', 1_000_000_000_000n],
  ['10.0000', '0.807084848787', 807n],
])('%s at %s is %s cents, half away from zero', (amount, rate, cents) => {
  expect(toAud(amount, rate)).toBe(cents);
});

test('cents keep their sign and both places', () => {
  expect([-5n, 0n, 123n].map(centsText)).toEqual(['-0.05', '0.00', '1.23']);
  expect(units('-0.05', 2)).toBe(-5n);
  expect(() => units('0.001', 2)).toThrow('more than 2 places');
});

const version: Version = {
  customer_id: 1,
  purchase_date: '2026-01-28',
  amount: '1.0000',
  currency: 'AUD',
  rate: null,
  rate_date: null,
  amount_aud: '1.00',
  updated_at: null,
  object_key: 'b.csv',
  row_number: 5,
  lines: 1,
  ingestion_date: '2026-01-29',
  modified_at: '2026-01-31T01:00:00Z',
};

test.each([
  [{ updated_at: null }, { updated_at: '3.000000000' }, 'has no updated_at'],
  [{ updated_at: '9.000000000' }, { updated_at: '2026-01-28T00:00:00Z' }, 'is a number'],
  [
    { updated_at: '1.500000000' },
    { updated_at: '20.000000000' },
    'updated_at 1.5 is older than 20',
  ],
  [{ ingestion_date: '2026-01-28' }, {}, 'arrived 2026-01-28'],
  [{ modified_at: '2026-01-30T01:00:00Z' }, {}, 'its file is of 2026-01-30T01:00:00Z'],
  [{ object_key: 'a.csv' }, {}, 'its key a.csv sorts before b.csv'],
  [{ row_number: 4 }, {}, 'row 4 comes before row 5'],
])('a version is superseded by the first part of the order that differs: %o', (lost, won, why) => {
  expect(whySuperseded({ ...version, ...won }, { ...version, ...lost })).toContain(why);
});

import { expect, test } from 'vitest';
import { normaliseName } from './column-names.ts';

test.each([
  ['customer_id', 'customer_id'],
  [' Customer ID ', 'customer_id'],
  ['Customer - \t ID', 'customer_id'],
  ['purchase-date', 'purchase_date'],
  ['\u00a0\ufeffAmount\u0085\u3000', 'amount'],
  ['billing\u2003first', 'billing_first'],
  ['a__b', 'a__b'],
  ['-x-', '_x_'],
  ['', ''],
  ['\u200bzero', '\u200bzero'],
])('the header %j is the column %j', (written, column) => {
  expect(normaliseName(written)).toBe(column);
});

test('only ASCII letters are lower-cased', () => {
  expect(normaliseName('ÄPFEL İ \u212a')).toBe('Äpfel_İ_\u212a');
});

test('a header of a million blanks between two letters takes linear time', () => {
  expect(normaliseName(` a${' '.repeat(1_000_000)}b `)).toBe('a_b');
});

import { describe, expect, test } from 'vitest';

import { decideNumbers } from './numbers.ts';

describe('how amounts are written is decided only where the values decide it', () => {
  test.each([
    [['10', '-3'], { decimal: '.', thousands: '' }],
    [['10.50', '3'], { decimal: '.', thousands: '' }],
    [['10,50', '3'], { decimal: ',', thousands: '' }],
    [['1,234.50', '12.00'], { decimal: '.', thousands: ',' }],
    [['1.234,50', '1.234'], { decimal: ',', thousands: '.' }],
    [['1.234', '12.5'], { decimal: '.', thousands: '' }],
    [['1,234', '12,5'], { decimal: ',', thousands: '' }],
    [['1,234,567', '1'], { decimal: '.', thousands: ',' }],
    [['1 234,50'], { decimal: ',', thousands: ' ' }],
    [["1'234.50"], { decimal: '.', thousands: "'" }],
    [['.5', '5.', '1e2'], { decimal: '.', thousands: '' }],
  ])('%j: %j', (values, marks) => {
    expect(decideNumbers(values)).toMatchObject({ marks, share: 1, candidates: [] });
  });

  test.each([[['1.234', '5']], [['1,234']], [['12.345', '100.000']]])(
    '%j may be either',
    (values) => {
      const verdict = decideNumbers(values);
      expect(verdict.marks).toBeUndefined();
      expect(verdict.candidates.map(({ decimal }) => decimal)).toEqual(['.', ',']);
    },
  );

  test('points here and commas there are no way at all', () => {
    expect(decideNumbers(['10.50', '10,50'])).toMatchObject({ marks: undefined, candidates: [] });
  });

  test.each([
    ['€ 10', 'EUR'],
    ['10,50 €', 'EUR'],
    ['-£3.00', 'GBP'],
    ['$12.00', undefined],
    ['A$12.00', 'AUD'],
    ['USD 12', 'USD'],
  ])('%s carries a currency sign: %s', (value, currency) => {
    expect(decideNumbers([value, '1'])).toMatchObject({ share: 0.5, signed: { value, currency } });
  });
});

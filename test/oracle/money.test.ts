import { describe, expect, test } from 'vitest';
import type { FieldRule, SourceFormat, Term } from '../../src/medallion/source.ts';
import { outcomeOfRow, handOracle, type HandSource } from './hand-lake.ts';
import { format, readNumber, roundTo, POINT } from './decimal.ts';

function amountOf(
  text: string,
  marks: Partial<SourceFormat> = {},
): string | string[] | null | undefined {
  const found = outcomeOfRow(
    { amount: text },
    { format: { decimal: '.', thousands: '', ...marks } },
  );
  return found.reasons.length > 0 ? found.reasons : found.amount;
}

describe('the grammar of amounts', () => {
  test.each([
    ['10', '10.0000'],
    ['.5', '0.5000'],
    ['5.', '5.0000'],
    ['+7', '7.0000'],
    ['-0', '0.0000'],
    ['1e2', '100.0000'],
    ['1E-3', '0.0010'],
    ['2.5e+001', '25.0000'],
    ['.55e-21', '0.0000'],
    ['40001215450993555239e-19', '4.0001'],
    ['12.34565', '12.3457'],
    ['-12.34565', '-12.3457'],
    ['12.34564999999999', '12.3456'],
    ['0.00004999999999', '0.0000'],
    ['0.00005', '0.0001'],
    ['-0.00001', '0.0000'],
    ['0e999', '0.0000'],
    ['1e-999', '0.0000'],
    [' 1.5\u00a0', '1.5000'],
    ['0'.repeat(400) + '1', '1.0000'],
  ])('%s is %s', (text, amount) => {
    expect(amountOf(text)).toBe(amount);
  });

  test.each([
    'abc',
    '1_000',
    'NaN',
    'Infinity',
    '0x10',
    '\u0661',
    '$5',
    '(5.00)',
    '--1',
    '.',
    '1,234.56',
    '1 2',
    '1e',
    '1e1000',
    'e5',
    '+',
    '- 5',
  ])('%s is invalid', (text) => {
    expect(amountOf(text)).toEqual(['amount_invalid']);
  });

  test('10^14 and more is out of range, after rounding', () => {
    expect(amountOf('99999999999999.99995')).toEqual(['amount_out_of_range']);
    expect(amountOf('-1e14')).toEqual(['amount_out_of_range']);
    expect(amountOf('1e999')).toEqual(['amount_out_of_range']);
    const rates = [{ currency: 'XTS', rate_date: '2026-01-31', rate: '0.000000000001' }];
    const small = (amount: string) => outcomeOfRow({ amount, currency: 'XTS' }, {}, { rates });
    expect(small('99999999999999.99994')).toMatchObject({
      amount: '99999999999999.9999',
      amount_aud: '100.00',
    });
    expect(small('99999999999999.99995').reasons).toEqual(['amount_out_of_range']);
    expect(small('-1e14').reasons).toEqual(['amount_out_of_range']);
    // Below 10^14, but not below 10^10 AUD.
    expect(amountOf('99999999999999.9999')).toEqual(['amount_out_of_range']);
  });

  test.each([
    ['1.234,56', ',', '.', '1234.5600'],
    ['1.5', ',', '', ['amount_invalid']],
    ['1,5', ',', '', '1.5000'],
    ['1.234', ',', '.', '1234.0000'],
    ['12.34', ',', '.', ['amount_invalid']],
    ['-1 234 567,8', ',', ' ', '-1234567.8000'],
    ["1'234.5", '.', "'", '1234.5000'],
    ['1234.5', '.', ',', '1234.5000'],
    ['1,234,56', '.', ',', ['amount_invalid']],
    ['1234,567', '.', ',', ['amount_invalid']],
    [',123', '.', ',', ['amount_invalid']],
    [',5', ',', '.', '0.5000'],
    ['1,5e1', ',', '', '15.0000'],
    ['1.5,234', '.', ',', ['amount_invalid']],
  ] as const)('%s with the marks %s and %s is %s', (text, decimal, thousands, amount) => {
    expect(amountOf(text, { decimal, thousands })).toEqual(amount);
  });

  test('a bare JSON number ignores declared marks, a string does not', () => {
    const row = (amount: string): string =>
      `{"customer_id":1,"purchase_id":"p","purchase_date":"2026-01-31","amount":${amount},"currency":"AUD"}`;
    const read = (amount: string): string | null | undefined =>
      handOracle({
        objects: { 'a.json': row(amount) },
        source: { format: { decimal: ',', thousands: '.' } },
      }).versions[0]?.amount;
    expect(read('1.234')).toBe('1.2340');
    expect(read('"1.234"')).toBe('1234.0000');
  });
});

describe('calculated amounts', () => {
  const factors = (a: Term, b: Term): HandSource => ({
    fields: { amount: { kind: 'product', factors: [a, b] } },
  });
  const product = factors({ column: 'Quantity' }, { column: 'Unit Price' });
  const sum = (minus: string[], blank?: 'zero'): HandSource => {
    const amount: FieldRule = {
      kind: 'sum',
      terms: [{ column: 'total' }, { column: 'shipping' }, { number: '0.5' }],
      minus,
      ...(blank === undefined ? {} : { blank }),
    };
    return { fields: { amount } };
  };
  const values = (quantity: string, price: string) => ({ quantity, 'unit-price': price });

  test('a product has 12 places before it is rounded to 4', () => {
    expect(outcomeOfRow(values('3', '1.333316'), product).amount).toBe('3.9999');
    expect(outcomeOfRow(values('0.333333', '0.000151'), product).amount).toBe('0.0001');
    expect(outcomeOfRow(values('-2', '1.50'), product).amount).toBe('-3.0000');
    expect(
      outcomeOfRow(values('3', ''), factors({ column: 'quantity' }, { number: '2.5' })).amount,
    ).toBe('7.5000');
  });

  test('factors are rounded to 6 places first', () => {
    expect(outcomeOfRow(values('1000000', '0.0000005'), product).amount).toBe('1.0000');
    expect(outcomeOfRow(values('1000000', '0.00000049'), product).amount).toBe('0.0000');
  });

  test('factors are below 10^12 and the product below 10^14', () => {
    expect(outcomeOfRow(values('999999999999.9999995', '0'), product).reasons).toEqual([
      'amount_out_of_range',
    ]);
    expect(outcomeOfRow(values('999999999999.9999994', '0'), product).amount).toBe('0.0000');
    expect(outcomeOfRow(values('1e11', '1000'), product).reasons).toEqual(['amount_out_of_range']);
  });

  test('a blank factor or term is missing, and every reason is kept', () => {
    expect(outcomeOfRow(values('', '2'), product).reasons).toEqual(['amount_missing']);
    expect(outcomeOfRow(values('', 'x'), product).reasons).toEqual([
      'amount_missing',
      'amount_invalid',
    ]);
    expect(outcomeOfRow({ total: '5', shipping: ' ' }, sum([])).reasons).toEqual([
      'amount_missing',
    ]);
  });

  test('with blank: zero a blank term is zero, unless all are', () => {
    const read = (total: string, shipping: string, refunded = '') => {
      const row = outcomeOfRow({ total, shipping, refunded }, sum(['refunded'], 'zero'));
      return row.reasons.length > 0 ? row.reasons : row.amount;
    };
    expect(read('5', ' ')).toBe('5.5000');
    expect(read('', '2', '0.25')).toBe('2.2500');
    expect(read('', '')).toEqual(['amount_missing']);
    expect(read('', '', '3')).toEqual(['amount_missing']);
    expect(read('x', '')).toEqual(['amount_invalid']);
  });

  test('a sum may subtract, and a blank subtrahend is zero', () => {
    const row = { total: '5', shipping: '1', refunded: '' };
    expect(outcomeOfRow(row, sum(['refunded'])).amount).toBe('6.5000');
    expect(outcomeOfRow({ ...row, refunded: '2.25' }, sum(['refunded'])).amount).toBe('4.2500');
    expect(outcomeOfRow({ ...row, refunded: 'x' }, sum(['refunded'])).reasons).toEqual([
      'amount_invalid',
    ]);
    expect(outcomeOfRow(row, sum(['nowhere'])).report).toMatchObject({ reason: 'schema_mismatch' });
  });

  test('in JSON the subtrahend may be missing everywhere', () => {
    const json =
      '{"customer_id":1,"purchase_id":"p","purchase_date":"2026-01-31","total":5,"shipping":1,"currency":"AUD"}';
    const versionOf = (text: string) =>
      handOracle({ objects: { 'a.json': text }, source: sum(['refunded']) }).versions[0];
    expect(versionOf(json)?.amount).toBe('6.5000');
    expect(versionOf(json.replace('shipping', 'freight'))).toBeUndefined();
  });

  test('terms are rounded to 6 places, the sum once to 4', () => {
    expect(outcomeOfRow({ total: '0.000025', shipping: '0.000025' }, sum([])).amount).toBe(
      '0.5001',
    );
    expect(outcomeOfRow({ total: '0.0000494', shipping: '0.0000004' }, sum([])).amount).toBe(
      '0.5000',
    );
  });
});

describe('rates', () => {
  const rates = [
    { currency: 'EUR', rate_date: '2026-01-20', rate: '1.666666666667' },
    { currency: 'EUR', rate_date: '2026-01-22', rate: '1.005000000000' },
    { currency: 'USD', rate_date: '2026-01-20', rate: '1.500000000000' },
  ];
  const on = (purchase_date: string, currency = 'EUR', amount = '1', maxAgeDays = 7) =>
    outcomeOfRow({ purchase_date, currency, amount }, {}, { rates, maxAgeDays });

  test('the last published rate on or before the day', () => {
    expect(on('2026-01-21')).toMatchObject({
      rate: '1.666666666667',
      rate_date: '2026-01-20',
      amount_aud: '1.67',
    });
    expect(on('2026-01-22')).toMatchObject({
      rate: '1.005000000000',
      rate_date: '2026-01-22',
      amount_aud: '1.01',
    });
    expect(on('2026-01-19').reasons).toEqual(['fx_rate_missing']);
    expect(on('2026-01-20', 'JPY').reasons).toEqual(['fx_rate_missing']);
  });

  test('at most so many days old', () => {
    expect(on('2026-01-27', 'USD').reasons).toEqual([]);
    expect(on('2026-01-28', 'USD').reasons).toEqual(['fx_rate_missing']);
    expect(on('2026-01-21', 'USD', '1', 0).reasons).toEqual(['fx_rate_missing']);
  });

  test('AUD is 1 and needs none', () => {
    expect(on('1950-01-01', 'aud', '2.345')).toMatchObject({
      rate: '1.000000000000',
      rate_date: null,
      amount_aud: '2.35',
    });
  });

  test('rounds half away from zero, once', () => {
    expect(on('2026-01-22', 'EUR', '-1').amount_aud).toBe('-1.01');
    expect(on('2026-01-22', 'AUD', '0.0049').amount_aud).toBe('0.00');
    expect(on('2026-01-22', 'AUD', '-0.0049').amount_aud).toBe('0.00');
  });

  test('10^10 AUD is out of range', () => {
    expect(on('2026-01-22', 'AUD', '9999999999.9949').amount_aud).toBe('9999999999.99');
    expect(on('2026-01-22', 'AUD', '9999999999.995').reasons).toEqual(['amount_out_of_range']);
    expect(on('2026-01-20', 'USD', '-7000000000').reasons).toEqual(['amount_out_of_range']);
  });

  test('a rate is missing only where date and currency are good, with any amount', () => {
    expect(on('2026-02-30', 'JPY').reasons).toEqual(['purchase_date_invalid']);
    expect(on('1899-01-01', 'JPY').reasons).toEqual(['purchase_date_out_of_range']);
    expect(on('2026-01-21', 'JPY', 'x').reasons).toEqual(['amount_invalid', 'fx_rate_missing']);
  });
});

test('exact decimals keep every digit', () => {
  const value = readNumber('-123456789012345678901234567890.125', POINT);
  expect(value && format(roundTo(value, 2), 2)).toBe('-123456789012345678901234567890.13');
});

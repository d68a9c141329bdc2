import { describe, expect, test } from 'vitest';
import { outcomeOfRow, type HandSource } from './hand-lake.ts';

const X255 = 'x'.repeat(255);

describe('customer_id', () => {
  test.each([
    ['007', '7'],
    ['2.', '2'],
    ['2.000', '2'],
    ['+3', '3'],
    ['-5', '-5'],
    ['-0', '0'],
    [' \u30001\u00a0', '1'],
    ['2147483647', '2147483647'],
    ['-2147483648', '-2147483648'],
  ])('%s is %s', (text, id) => {
    expect(outcomeOfRow({ customer_id: text })).toMatchObject({ customer_id: id, reasons: [] });
  });

  test.each(['x', '1.5', '2147483648', '-2147483649', '1e1', '1_0', '\u0661', '.0', 'NaN', '1 0'])(
    '%s is invalid',
    (text) => {
      expect(outcomeOfRow({ customer_id: text }).reasons).toEqual(['customer_id_invalid']);
    },
  );

  test('a blank one is missing', () => {
    expect(outcomeOfRow({ customer_id: '\ufeff\u2003' }).reasons).toEqual(['customer_id_missing']);
  });
});

describe('customer_key', () => {
  const source: HandSource = { fields: { customer_key: 'account' } };

  test('ASCII letters are lowered, other letters stay', () => {
    expect(outcomeOfRow({ account: ' Ann-ÉİX ' }, source)).toMatchObject({
      customer_key: 'ann-Éİx',
      customer_id: '1000000001',
    });
  });

  test('at most 255 code points', () => {
    expect(outcomeOfRow({ account: '\u{1f600}'.repeat(255) }, source).reasons).toEqual([]);
    expect(outcomeOfRow({ account: '\u{1f600}'.repeat(256) }, source).reasons).toEqual([
      'customer_key_invalid',
    ]);
    expect(outcomeOfRow({ account: ' ' }, source).reasons).toEqual(['customer_key_missing']);
  });
});

describe('purchase_id', () => {
  test('is trimmed and kept as written', () => {
    expect(outcomeOfRow({ purchase_id: ' A  b\u0001 ' }).purchase_id).toBe('A  b\u0001');
    expect(outcomeOfRow({ purchase_id: '\u2009' }).reasons).toEqual(['purchase_id_missing']);
  });

  test('without one each row is identified by its content and its number', () => {
    expect(outcomeOfRow({}, { fields: { purchase_id: null } }).purchase_id).toMatch(
      /^[0-9a-f]{64}:1$/,
    );
  });
});

describe('currency', () => {
  test('three ASCII letters, upper-cased', () => {
    expect(outcomeOfRow({ currency: ' eur ' }).currency).toBe('EUR');
    expect(outcomeOfRow({ currency: '' }).reasons).toEqual(['currency_missing']);
    for (const currency of ['US', 'USDX', 'US1', '€€€', 'İSK']) {
      expect(outcomeOfRow({ currency }).reasons).toEqual(['currency_invalid']);
    }
  });

  test('the default applies only to objects without the column', () => {
    const source: HandSource = { defaultCurrency: 'EUR' };
    expect(outcomeOfRow({ currency: ' ' }, source).reasons).toEqual(['currency_missing']);
    expect(outcomeOfRow({}, { ...source, fields: { currency: 'ccy' } }).currency).toBe('EUR');
  });
});

describe('names and e-mail', () => {
  test.each([
    ['A\u0000n\u0007n', 'Ann', 1],
    ['Ann \u00a0\t Lee', 'Ann Lee', 1],
    ['a \u0001 b', 'a b', 1],
    ['  Ann\u3000', 'Ann', undefined],
    ['', null, undefined],
    ['\u0001', null, 1],
    ['x'.repeat(256), X255, 1],
    [`${'x'.repeat(254)} yz`, 'x'.repeat(254), 1],
    ['\u{1f600}'.repeat(255), '\u{1f600}'.repeat(255), undefined],
    ['a\u0085b', 'a b', 1],
    ['a\u200bb', 'a\u200bb', undefined],
  ])('the name %j is %j', (text, name, repaired) => {
    const found = outcomeOfRow({ first_name: text });
    expect(found.first_name).toBe(name);
    expect(found.repairs?.['name_repaired']).toBe(repaired);
  });

  test.each([
    ['ANN@X.ORG', 'ann@x.org'],
    [' a.b+c@d-e.f.gh ', 'a.b+c@d-e.f.gh'],
    ['İ@É.c', 'İ@É.c'],
    ['a@.b.c', 'a@.b.c'],
    [`${'a'.repeat(249)}@b.org`, `${'a'.repeat(249)}@b.org`],
  ])('the e-mail %j is %j', (text, email) => {
    expect(outcomeOfRow({ email: text })).toMatchObject({ email, repairs: {} });
  });

  test.each([
    'ann',
    'a@b',
    'a@b.',
    '@b.c',
    'a@.c',
    'a b@c.d',
    'a@b@c.d',
    'a@b.c.',
    '<a@b.c>',
    'a,b@c.d',
    'a\u0001@b.c',
    'a[1]@b.c',
    'a\\@b.c',
    `${'a'.repeat(250)}@b.org`,
  ])('the e-mail %j becomes null and is counted', (email) => {
    expect(outcomeOfRow({ email })).toMatchObject({
      email: null,
      repairs: { email_invalid: 1 },
      reasons: [],
    });
  });

  test('cleanups of a row are counted once, those of a rejected row not at all', () => {
    expect(outcomeOfRow({ first_name: 'a  b', last_name: 'c  d' }).repairs).toEqual({
      name_repaired: 1,
    });
    expect(outcomeOfRow({ first_name: 'a  b', email: 'x', amount: 'x' }).repairs).toEqual({});
  });
});

describe('mappings', () => {
  test('constant, coalesce and concat', () => {
    const source: HandSource = {
      fields: {
        full_name: { kind: 'concat', columns: ['one', 'two', 'three', 'four'], separator: '-' },
        email: { kind: 'coalesce', columns: ['none', 'two', 'mail'] },
        currency: { kind: 'constant', value: 'eur' },
      },
    };
    const found = outcomeOfRow({ one: ' a ', two: ' ', three: 'b', mail: 'a@b.c' }, source);
    expect(found).toMatchObject({
      full_name: 'a-b',
      email: 'a@b.c',
      currency: 'EUR',
      amount_aud: '20.00',
    });
    expect(outcomeOfRow({}, source)).toMatchObject({ full_name: null, email: null });
  });
});

test('a rejected row carries all its reasons in the order of the table', () => {
  const found = outcomeOfRow(
    {
      customer_id: 'x',
      purchase_id: '',
      purchase_date: '1800-01-01',
      amount: '',
      currency: '1',
      at: 'x',
    },
    { fields: { updated_at: 'at' } },
  );
  expect(found.reasons).toEqual([
    'purchase_id_missing',
    'customer_id_invalid',
    'purchase_date_out_of_range',
    'amount_missing',
    'currency_invalid',
    'updated_at_invalid',
  ]);
});

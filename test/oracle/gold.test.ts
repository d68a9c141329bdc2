import { describe, expect, test } from 'vitest';
import type { FieldRule } from '../../src/medallion/source.ts';
import { goldOf as goldOfVersions } from './gold.ts';
import { csv, handOracle, type HandSource } from './hand-lake.ts';

const HEADER =
  'customer_id,purchase_id,purchase_date,amount,currency,first_name,last_name,full,email';
const source: HandSource = { fields: { full_name: 'full' } };

function goldOf(...rows: string[]) {
  return handOracle({ objects: { '2026-01-31/a.csv': [HEADER, ...rows, ''].join('\n') }, source })
    .gold;
}

describe('gold', () => {
  test('has one row per customer, by number, with totals of rounded purchases', () => {
    expect(
      goldOf(
        '10,a,2026-01-30,0.005,AUD,,,,',
        '10,b,2026-01-31,0.005,AUD,,,,',
        '9,c,2026-01-30,-2.5,EUR,,,,',
        '10,d,2026-01-30,1,EUR,,,,',
      ),
    ).toEqual([
      {
        customer_id: '9',
        full_name: null,
        email: null,
        total_spent_aud: '-5.00',
        first_purchase_date: null,
        last_purchase_date: null,
        purchase_count: '0',
      },
      {
        customer_id: '10',
        full_name: null,
        email: null,
        total_spent_aud: '2.02',
        first_purchase_date: '2026-01-30',
        last_purchase_date: '2026-01-31',
        purchase_count: '3',
      },
    ]);
  });

  test('refunds lower the total, but do not count for dates and purchase count', () => {
    expect(
      goldOf(
        '1,a,2026-01-20,10,AUD,,,,',
        '1,b,2026-01-25,-3,AUD,,,,',
        '1,c,2026-01-22,0,AUD,,,,',
      )[0],
    ).toMatchObject({
      total_spent_aud: '7.00',
      first_purchase_date: '2026-01-20',
      last_purchase_date: '2026-01-22',
      purchase_count: '2',
    });
  });

  test('name and e-mail are each the newest available, by date and then arrival, refunds included', () => {
    expect(
      goldOf(
        '1,a,2026-01-25,-1,AUD,Old,Er,,',
        '1,b,2026-01-20,1,AUD,No,One,,b@x.org',
        '1,c,2026-01-20,1,AUD,,,,c@x.org',
        '1,d,2026-01-26,1,AUD,,,,bad',
      )[0],
    ).toMatchObject({
      full_name: 'Old Er',
      email: 'c@x.org',
    });
  });

  test('the mapped full name takes precedence over first and last, which are joined by a blank and cut', () => {
    const nameOf = (first: string, last: string, full: string) =>
      goldOf(`1,a,2026-01-25,1,AUD,${first},${last},${full},`)[0]?.full_name;
    expect(nameOf('Ann', 'Lee', 'A. Lee')).toBe('A. Lee');
    expect(nameOf('Ann', 'Lee', ' ')).toBe('Ann Lee');
    expect(nameOf('', 'Lee', '')).toBe('Lee');
    expect(nameOf('Ann', '', '')).toBe('Ann');
    expect(nameOf('x'.repeat(250), 'y'.repeat(20), '')).toBe(`${'x'.repeat(250)} yyyy`);
    expect(nameOf('x'.repeat(254), 'y', '')).toBe('x'.repeat(254));
  });

  test('a customer whose last purchase moved to another customer has no row', () => {
    expect(
      goldOf('1,a,2026-01-20,1,AUD,,,,', '2,a,2026-01-20,1,AUD,,,,').map((one) => one.customer_id),
    ).toEqual(['2']);
  });

  test('a total that does not fit is an error that names the customer', () => {
    const [one] = handOracle({ objects: { 'a.csv': csv('7,a,2026-01-30,1,AUD') } }).versions;
    const versions =
      one === undefined
        ? []
        : [
            { ...one, amount_aud: '9999999999999999.99' },
            { ...one, amount_aud: '0.01' },
          ];
    expect(() => goldOfVersions(versions)).toThrow('customer 7');
    expect(goldOfVersions(versions.slice(0, 1))).toMatchObject([
      { total_spent_aud: '9999999999999999.99' },
    ]);
  });
});

describe('lines', () => {
  const lines: HandSource = {
    rows: 'lines',
    fields: { full_name: 'full', operation: 'op' },
    deletes: ['void'],
  };
  const head = `${HEADER},op`;
  const read = (objects: Record<string, string[]>) =>
    handOracle({
      source: lines,
      objects: Object.fromEntries(
        Object.entries(objects).map(([key, rows]) => [key, [head, ...rows, ''].join('\n')]),
      ),
    });

  test('the rows of a purchase are one version: amounts are summed exactly, other fields are the first present', () => {
    const out = read({
      'a.csv': [
        '1,p,2026-01-20,0.00003,AUD,,,,',
        '2,q,2026-01-20,1,AUD,,,,,',
        '3,p,,0.00003,EUR,,Lee,,bad,',
        ',p,x,,?,Ann,,,a@b.c,',
      ].map((row, index) => (index === 0 ? `${row},` : row)),
    });
    expect(out.versions).toHaveLength(2);
    expect(out.versions[0]).toMatchObject({
      row_number: 1,
      lines: 3,
      customer_id: '1',
      purchase_date: '2026-01-20',
      amount: '0.0001',
      currency: 'AUD',
      first_name: 'Ann',
      last_name: 'Lee',
      email: null,
    });
    expect(out.objects.get('a.csv')).toMatchObject({
      rows: { read: 4, accepted: 4 },
      repairs: { email_invalid: 1 },
    });
  });

  test('blank amounts are skipped, all blank is missing, one bad amount rejects every line', () => {
    const out = read({
      'a.csv': [
        '1,p,2026-01-20,,AUD,,,,,',
        '1,p,2026-01-20,2,AUD,,,,,',
        '1,q,2026-01-20,,AUD,,,,,',
        '1,r,2026-01-20,x,AUD,,,,,',
        '1,r,2026-01-20,2,AUD,,,,,',
      ],
    });
    expect(out.versions.map((one) => [one.purchase_id, one.amount])).toEqual([['p', '2.0000']]);
    expect(out.quarantine.map((row) => [row.row_number, ...row.reasons])).toEqual([
      [3, 'amount_missing'],
      [4, 'amount_invalid'],
      [5, 'amount_invalid'],
    ]);
  });

  test('a malformed line and one without purchase_id are rejected alone', () => {
    const out = read({
      'a.csv': [
        '1,p,2026-01-20,1,AUD,,,,,',
        'bad',
        'x,,2026-01-20,1,AUD,,,,,',
        '1,p,2026-01-20,2,AUD,,,,,',
      ],
    });
    expect(out.versions.map((one) => [one.amount, one.lines])).toEqual([['3.0000', 2]]);
    expect(out.quarantine.map((row) => row.reasons)).toEqual([
      ['row_malformed'],
      ['purchase_id_missing', 'customer_id_invalid'],
    ]);
  });

  test('a line is below 10^12, read to 6 places, and the sum may be out of range too', () => {
    const out = read({
      'a.csv': [
        '1,p,2026-01-20,1e12,AUD,,,,,',
        '1,q,2026-01-20,0.0000005,AUD,,,,,',
        '1,r,2026-01-20,9e9,AUD,,,,,',
        '1,r,2026-01-20,9e9,AUD,,,,,',
        ...Array.from({ length: 101 }, () => '1,s,2026-01-20,999999999999,AUD,,,,,'),
        '1,t,2026-01-20,0.00004949,AUD,,,,,',
        '1,t,2026-01-20,0.00000050,AUD,,,,,',
      ],
    });
    expect(out.versions.map((one) => [one.purchase_id, one.amount])).toEqual([
      ['q', '0.0000'],
      ['t', '0.0001'],
    ]);
    expect(new Set(out.quarantine.flatMap((row) => row.reasons))).toEqual(
      new Set(['amount_out_of_range']),
    );
  });

  test('a product of 10^14 or more is out of range, even if other lines subtract it again', () => {
    const amount: FieldRule = {
      kind: 'product',
      factors: [{ column: 'amount' }, { column: 'last_name' }],
    };
    const rows = [
      '1,p,2026-01-20,1e11,AUD,,1000,,,',
      '1,p,2026-01-20,-1e11,AUD,,1000,,,',
      '1,q,2026-01-20,2,AUD,,3,,,',
      '1,q,2026-01-20,,AUD,,,,,',
    ];
    const out = handOracle({
      objects: { 'a.csv': [head, ...rows, ''].join('\n') },
      source: { rows: 'lines', fields: { amount } },
    });
    expect(out.versions.map((one) => [one.purchase_id, one.amount])).toEqual([['q', '6.0000']]);
    expect(out.quarantine.map((row) => row.reasons)).toEqual([
      ['amount_out_of_range'],
      ['amount_out_of_range'],
    ]);
  });

  describe('with a partly blank amount', () => {
    const sum = (blank?: 'zero', minus: string[] = []): FieldRule => ({
      kind: 'sum',
      terms: [{ column: 'amount' }, { column: 'last_name' }],
      minus,
      ...(blank === undefined ? {} : { blank }),
    });
    const line = (amount: string, shipping: string): string =>
      `1,p,2026-01-20,${amount},AUD,,${shipping},,,`;
    const outcome = (amount: FieldRule, ...given: string[]): string[] => {
      const { versions, quarantine } = handOracle({
        objects: { 'a.csv': [head, ...given, ''].join('\n') },
        source: { rows: 'lines', fields: { amount, email: null, full_name: null } },
      });
      return [
        ...versions.map((one) => `${one.amount} of ${one.lines}`),
        ...quarantine.map((row) => `${row.row_number} ${row.reasons.join(' ')}`),
      ];
    };

    test('the purchase is rejected with all its lines', () => {
      expect(outcome(sum(), line('42.00', '5.99'), line('18.00', ''))).toEqual([
        '1 amount_missing',
        '2 amount_missing',
      ]);
      const product: FieldRule = {
        kind: 'product',
        factors: [{ column: 'amount' }, { column: 'last_name' }],
      };
      expect(outcome(product, line('2', '3'), line('', '7'))).toEqual([
        '1 amount_missing',
        '2 amount_missing',
      ]);
    });

    test('a line without any part of the amount is skipped', () => {
      expect(outcome(sum(), line('42.00', '5.99'), line(' ', ''))).toEqual(['47.9900 of 2']);
      expect(outcome(sum('zero'), line('42.00', ''), line('', ''))).toEqual(['42.0000 of 2']);
      expect(outcome(sum('zero'), line('', ''), line('', ''))).toEqual([
        '1 amount_missing',
        '2 amount_missing',
      ]);
    });

    test("a constant of the mapping does not count as a part of the line's amount", () => {
      const priced: FieldRule = {
        kind: 'product',
        factors: [{ column: 'amount' }, { number: '1.1' }],
      };
      expect(outcome(priced, line('2', ''), line('', ''))).toEqual(['2.2000 of 2']);
    });

    test('with blank: zero it is zero', () => {
      expect(outcome(sum('zero'), line('42.00', '5.99'), line('18.00', ''))).toEqual([
        '65.9900 of 2',
      ]);
      expect(outcome(sum('zero'), line('x', ''), line('18.00', ''))).toEqual([
        '1 amount_invalid',
        '2 amount_invalid',
      ]);
    });

    test('a line that has only the subtracted part is not skipped', () => {
      for (const blank of [undefined, 'zero'] as const)
        expect(outcome(sum(blank, ['op']), line('9', '1'), '1,p,2026-01-20,,AUD,,,,,4')).toEqual([
          '1 amount_missing',
          '2 amount_missing',
        ]);
    });
  });

  test("another object's lines replace, and rows are counted as lines", () => {
    const out = read({
      '2026-01-30/a.csv': ['1,p,2026-01-20,1,AUD,,,,,', '1,p,2026-01-20,2,AUD,,,,,'],
      '2026-01-31/b.csv': ['1,p,2026-01-20,3,AUD,,,,,'],
    });
    expect(out.gold[0]?.total_spent_aud).toBe('3.00');
    expect(out.objects.get('2026-01-30/a.csv')?.rows).toMatchObject({
      duplicate: 2,
      superseded: 0,
    });
  });

  test('an operation on any line deletes the purchase, if it is the first present', () => {
    const out = read({
      'a.csv': [
        '1,p,2026-01-20,x,AUD,,,,,',
        '1,p,2026-01-20,2,AUD,,,,,void',
        '1,q,2026-01-20,2,AUD,,,,,paid',
        '1,q,2026-01-20,2,AUD,,,,,void',
      ],
    });
    expect(out.versions.map((one) => [one.purchase_id, one.outcome, one.amount])).toEqual([
      ['p', 'deleted', null],
      ['q', 'accepted', '4.0000'],
    ]);
    expect(out.objects.get('a.csv')?.rows).toMatchObject({ deleted: 2, accepted: 2 });
  });
});

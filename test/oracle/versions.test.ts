import { describe, expect, test } from 'vitest';
import { ingestionDate } from './dates.ts';
import {
  csv,
  handOracle,
  type HandLake,
  type HandObject,
  type HandSource,
  NOON,
} from './hand-lake.ts';

type Options = Pick<HandLake, 'source' | 'sources' | 'registry' | 'firstCustomerId'>;

function outcomes(objects: Record<string, HandObject>, options: Options = {}): string[] {
  return handOracle({ objects, ...options }).versions.map(
    (one) => `${one.key}#${one.row_number} ${one.outcome} ${one.amount}`,
  );
}

describe('the day of arrival', () => {
  test.each([
    ['x/2026/01/31/a.csv', '2026-01-31'],
    ['2026/01/31/a.csv', '2026-01-31'],
    ['sales-2026-01-31.csv', '2026-01-31'],
    ['x/year=2026/month=01/day=31/a.csv', '2026-01-31'],
    ['2026-02-30/2026-01-30/2026-01-29.csv', '2026-01-30'],
    ['x/2026/13/31/year=2026/month=01/day=02/a.csv', '2026-01-02'],
    ['x/12026-01-31.csv', '2001-09-09'],
    ['x/2026-01-311.csv', '2001-09-09'],
    ['2026/01/31.csv', '2001-09-09'],
    ['2026/1/31/a.csv', '2001-09-09'],
  ])('%s arrived on %s', (key, date) => {
    expect(ingestionDate(key, 1_000_000_000, 'Australia/Sydney').toString()).toBe(date);
  });

  test('without a date in the key it is the day of the last change in the business time zone', () => {
    expect(
      ingestionDate(
        'a.csv',
        Date.UTC(2026, 0, 30, 12, 59, 59) / 1000,
        'Australia/Sydney',
      ).toString(),
    ).toBe('2026-01-30');
    expect(
      ingestionDate('a.csv', Date.UTC(2026, 0, 30, 13) / 1000, 'Australia/Sydney').toString(),
    ).toBe('2026-01-31');
  });
});

describe('which version wins', () => {
  const row = (amount: number, id = 'p'): string => csv(`1,${id},2026-01-20,${amount},AUD`);

  test('the day of arrival, then the last change, then the key, then the row number', () => {
    expect(
      outcomes({
        '2026-01-22/a.csv': { content: row(1), modified: NOON + 9 },
        '2026-01-23/a.csv': { content: row(2), modified: NOON + 2 },
        '2026-01-23/b.csv': { content: row(3), modified: NOON + 1 },
        '2026-01-23/z.csv': {
          content: csv('1,p,2026-01-20,4,AUD', '1,p,2026-01-20,5,AUD'),
          modified: NOON + 2,
        },
      }),
    ).toEqual([
      '2026-01-22/a.csv#1 superseded 1.0000',
      '2026-01-23/b.csv#1 superseded 3.0000',
      '2026-01-23/a.csv#1 superseded 2.0000',
      '2026-01-23/z.csv#1 superseded 4.0000',
      '2026-01-23/z.csv#2 accepted 5.0000',
    ]);
  });

  test('keys are ordered by their UTF-8 bytes', () => {
    const [, last] = outcomes({ '\u{1f600}.csv': row(1), '\uffee.csv': row(2) });
    expect(last).toContain('\u{1f600}');
  });

  test('versions with the same content as the winner are duplicates, the others are superseded', () => {
    const same = csv(
      '1,p,2026-01-20,1,AUD',
      '01,p,2026/01/20,1.0,aud',
      '2,p,2026-01-20,1,AUD',
      '1,p,2026-01-20,1.00,AUD',
    );
    expect(outcomes({ 'a.csv': same })).toEqual([
      'a.csv#1 duplicate 1.0000',
      'a.csv#2 duplicate 1.0000',
      'a.csv#3 superseded 1.0000',
      'a.csv#4 accepted 1.0000',
    ]);
  });

  test('purchases of two sources are never versions of one another', () => {
    const sources: HandSource[] = [
      { name: 'a', match: 'a/**' },
      { name: 'b', match: 'b/**' },
    ];
    expect(outcomes({ 'a/x.csv': row(1), 'b/x.csv': row(1) }, { sources })).toEqual([
      'a/x.csv#1 accepted 1.0000',
      'b/x.csv#1 accepted 1.0000',
    ]);
  });

  test('purchase_id is compared as written', () => {
    expect(outcomes({ 'a.csv': csv('1,p,2026-01-20,1,AUD', '1,P,2026-01-20,2,AUD') })).toHaveLength(
      2,
    );
    expect(
      outcomes({ 'a.csv': csv('1,p,2026-01-20,1,AUD', '1,P,2026-01-20,2,AUD') }).every((outcome) =>
        outcome.includes('accepted'),
      ),
    ).toBe(true);
  });

  test('without purchase ids every row counts, and the rows of a copied file are duplicates', () => {
    const text = csv('1,p,2026-01-20,1,AUD', '1,p,2026-01-20,1,AUD');
    expect(
      outcomes({ 'a.csv': text, 'b.csv': text }, { source: { fields: { purchase_id: null } } }),
    ).toEqual([
      'a.csv#1 duplicate 1.0000',
      'a.csv#2 duplicate 1.0000',
      'b.csv#1 accepted 1.0000',
      'b.csv#2 accepted 1.0000',
    ]);
  });

  const updated = (...rows: string[]): string =>
    ['customer_id,purchase_id,purchase_date,amount,currency,at', ...rows, ''].join('\n');
  const source: HandSource = {
    fields: { updated_at: 'at' },
    timeZone: 'Europe/London',
    dateFormats: ['d/M/yyyy'],
  };

  test('updated_at decides before arrival: blank, then numbers, then instants', () => {
    const rank = (...at: string[]): (string | undefined)[] => {
      const text = updated(...at.map((value, index) => `1,p,2026-01-20,${index + 1},AUD,${value}`));
      return handOracle({ objects: { 'a.csv': text }, source })
        .versions.filter((one) => one.outcome === 'accepted')
        .map((one) => at[one.row_number - 1]);
    };
    expect(rank('2', '10', '9.999999999')).toEqual(['10']);
    expect(rank('-1', '')).toEqual(['-1']);
    expect(rank('1900-01-01', '999999999999999999')).toEqual(['1900-01-01']);
    expect(rank('2026-01-20T10:00:00.000002Z', '2026-01-20T10:00:00.000001Z')).toEqual([
      '2026-01-20T10:00:00.000002Z',
    ]);
    expect(rank('2026-01-20T10:00:00.0000019Z', '2026-01-20T10:00:00.000001Z')).toEqual([
      '2026-01-20T10:00:00.000001Z',
    ]);
    expect(rank('2026-01-20T10:00+01:00', '2026-01-20T09:30')).toEqual(['2026-01-20T09:30']);
    expect(rank('2026-07-20T09:00Z', '2026-07-20T09:59')).toEqual(['2026-07-20T09:00Z']);
    expect(rank('21/1/2026', '2026-01-20T23:59')).toEqual(['21/1/2026']);
    expect(rank('1e1', '10.0')).toEqual(['10.0']);
  });

  test.each([
    ['5', '5.000000000'],
    ['0.0000000005', '0.000000001'],
    ['2026-07-20', '2026-07-19T23:00:00.000000Z'],
    ['', null],
  ])('updated_at %s is kept as %s', (at, kept) => {
    expect(
      handOracle({ objects: { 'a.csv': updated(`1,p,2026-01-20,1,AUD,${at}`) }, source })
        .versions[0]?.updated_at,
    ).toBe(kept);
  });

  test('a value that is neither a number of 27 digits, 9 after the point, nor a date is rejected', () => {
    for (const at of ['never', '1e18', '999999999999999999.9999999995', '2026-02-30', 'NaN']) {
      expect(
        handOracle({ objects: { 'a.csv': updated(`1,p,2026-01-20,1,AUD,${at}`) }, source })
          .quarantine[0]?.reasons,
      ).toEqual(['updated_at_invalid']);
    }
  });
});

describe('deletes', () => {
  const source: HandSource = {
    fields: { operation: 'status', updated_at: 'at' },
    deletes: ['cancelled', 'void'],
  };
  const rows = (...lines: string[]): string =>
    ['customer_id,purchase_id,purchase_date,amount,currency,status,at', ...lines, ''].join('\n');

  test('a winner that deletes leaves no purchase, with operation in any letter case', () => {
    const out = handOracle({
      objects: {
        'a.csv': rows('1,p,2026-01-20,1,AUD,paid,1', '1,p,2026-01-20,1,AUD, CANCELLED ,2'),
      },
      source,
    });
    expect(out.versions.map((one) => one.outcome)).toEqual(['superseded', 'deleted']);
    expect(out.gold).toEqual([]);
    expect(out.objects.get('a.csv')?.rows).toMatchObject({ read: 2, superseded: 1, deleted: 1 });
  });

  test('a deleting version that does not win deletes nothing', () => {
    const out = handOracle({
      objects: { 'a.csv': rows('1,p,2026-01-20,1,AUD,void,1', '1,p,2026-01-20,1,AUD,paid,2') },
      source,
    });
    expect(out.versions.map((one) => one.outcome)).toEqual(['superseded', 'accepted']);
  });

  test('a row that deletes needs only its purchase_id', () => {
    const out = handOracle({
      objects: { 'a.csv': rows('x,p,2026-02-30,1e,?,void,never', ',,,,,void,') },
      source,
    });
    expect(out.versions[0]).toMatchObject({
      purchase_id: 'p',
      customer_id: null,
      purchase_date: null,
      amount: null,
      currency: null,
      rate: null,
      amount_aud: null,
      updated_at: null,
      outcome: 'deleted',
    });
    expect(out.quarantine).toEqual([
      { key: 'a.csv', row_number: 2, reasons: ['purchase_id_missing'] },
    ]);
  });
});

describe('customer keys', () => {
  const source: HandSource = { fields: { customer_key: 'customer_id' } };
  const rows = (...keys: string[]): string =>
    csv(...keys.map((key, index) => `${key},${key}${index},2026-01-20,1,AUD`));

  test('each new key gets the next integer in order of arrival, known keys keep theirs', () => {
    const objects = {
      '2026-01-30/a.csv': rows('late', 'known'),
      '2026-01-29/b.csv': rows('Early', 'early'),
    };
    const registry = new Map([['known', 1_000_000_007]]);
    const out = handOracle({ objects, source, registry });
    expect([...out.registry]).toEqual([
      ['known', 1_000_000_007],
      ['early', 1_000_000_008],
      ['late', 1_000_000_009],
    ]);
    expect(registry.size).toBe(1);
    expect(out.gold.map((one) => [one.customer_id, one.purchase_count])).toEqual([
      ['1000000007', '1'],
      ['1000000008', '2'],
      ['1000000009', '1'],
    ]);
    expect([...handOracle({ objects, source, firstCustomerId: 50 }).registry.values()]).toEqual([
      50, 51, 52,
    ]);
  });

  test('a rejected row registers nothing', () => {
    expect(
      handOracle({ objects: { 'a.csv': csv('k,p,2026-01-20,x,AUD') }, source }).registry.size,
    ).toBe(0);
  });

  test('all sources share the registry', () => {
    const sources: HandSource[] = [
      { name: 'a', match: 'a/**', ...source },
      { name: 'b', match: 'b/**', ...source },
    ];
    expect(
      handOracle({ objects: { 'a/a.csv': rows('k'), 'b/b.csv': rows('K') }, sources }).registry
        .size,
    ).toBe(1);
  });
});

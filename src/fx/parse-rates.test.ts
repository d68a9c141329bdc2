import { Big } from 'big.js';
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseRates } from './parse-rates.ts';

const LONG = 'currency,rate_date,rate_aud';
const rowsOf = (text: string) => parseRates(text, 'rates.csv').csv().trimEnd().split('\n').slice(1);

describe('the European Central Bank’s shape', () => {
  test('a rate is AUD for one unit, crossed through the euro and rounded to 12 places; the euro has a rate, AUD has none', () => {
    const text = 'Date,USD,JPY,AUD,\n2026-10-30,1.1172,175.68,1.5904,\n';
    // 1.5904 / 1.1172 = 1.42355889724310…, 1.5904 / 175.68 = 0.00905282331511…
    expect(rowsOf(text)).toEqual([
      'EUR,2026-10-30,1.590400000000',
      'JPY,2026-10-30,0.009052823315',
      'USD,2026-10-30,1.423558897243',
    ]);
  });

  test('a cross rate is rounded half away from zero', () => {
    // 1 / 16,000,000 = 0.0000000625 exactly; 1 / 2,000,000,000,000 is half of the last place.
    expect(rowsOf('Date,AUD,XXA,XXB\n2026-01-01,1,16000000,2000000000000')).toEqual([
      'EUR,2026-01-01,1.000000000000',
      'XXA,2026-01-01,0.000000062500',
      'XXB,2026-01-01,0.000000000001',
    ]);
  });

  test('N/A and blanks are gaps, and a day without AUD has no rates', () => {
    const text = 'Date,USD,GBP,AUD,\n2026-01-02,1.1,N/A,N/A,\n2026-01-01,2,,3,\n';
    expect(rowsOf(text)).toEqual([
      'EUR,2026-01-01,3.000000000000',
      'USD,2026-01-01,1.500000000000',
    ]);
  });

  test('days may come in any order, with CRLF, a byte order mark, quotes or blank lines', () => {
    const days = ['2026-01-01,2,4', '2026-01-02,2,5', '2026-01-05,8,6'];
    const plain = parseRates(['Date,USD,AUD', ...days].join('\n'), 'a').digest;
    const other = [
      '\uFEFF"Date", "usd",AUD,',
      '',
      ...days.toReversed().map((day) => `${day},`),
    ].join('\r\n');
    expect(parseRates(other, 'b').digest).toBe(plain);
  });

  test('the file of one day, with its date in words, reads like the history', () => {
    const oneDay = 'Date, USD, AUD, \n30 October 2026, 1.1172, 1.5904, \n';
    expect(rowsOf(oneDay)).toEqual(rowsOf('Date,USD,AUD\n2026-10-30,1.1172,1.5904'));
  });

  test('a rate equals the result of exact decimal arithmetic', () => {
    const published = fc.tuple(
      fc.integer({ min: 1, max: 99_999_999 }),
      fc.integer({ min: 0, max: 6 }),
    );
    fc.assert(
      fc.property(published, published, ([a, aPlaces], [b, bPlaces]) => {
        const aud = new Big(a).div(10 ** aPlaces);
        const usd = new Big(b).div(10 ** bPlaces);
        const Exact = Big();
        Exact.DP = 12;
        Exact.RM = 1; // half away from zero
        const expected = new Exact(aud).div(usd);
        fc.pre(expected.gt(0) && expected.lt(1_000_000) && aud.lt(1_000_000));
        const rows = rowsOf(`Date,USD,AUD\n2026-01-01,${usd.toFixed()},${aud.toFixed()}`);
        expect(rows[1]).toBe(`USD,2026-01-01,${expected.toFixed(12)}`);
      }),
    );
  });
});

describe('the long shape', () => {
  test('values are AUD for one unit, rounded half away from zero to 12 places', () => {
    const text = `${LONG}\nusd,2026-01-01,1.4000000000005\nJPY,2026-01-01,9.05e-3\nAUD,2026-01-01,1.00\n`;
    expect(rowsOf(text)).toEqual([
      'JPY,2026-01-01,0.009050000000',
      'USD,2026-01-01,1.400000000001',
    ]);
  });

  test('columns match by name, in any order, and others are ignored', () => {
    expect(rowsOf('source,Rate-Date, RATE AUD,currency\nbank,2026-01-01,1.5,USD')).toEqual([
      'USD,2026-01-01,1.500000000000',
    ]);
  });
});

const key = ([currency, day]: [string, Date, bigint]) => currency + day.toISOString().slice(0, 10);

describe('the canonical table', () => {
  const rate = fc.tuple(
    fc.stringMatching(/^[A-Z]{3}$/).filter((currency) => currency !== 'AUD'),
    fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
    fc.bigInt({ min: 1n, max: 10n ** 18n - 1n }),
  );

  test('reading it again gives the same digest, for any order and repetition of its rows', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(rate, { minLength: 1, selector: key }),
        fc.infiniteStream(fc.nat()),
        (rates, random) => {
          const lines = rates.map(
            ([currency, day, value]) =>
              `${currency},${day.toISOString().slice(0, 10)},${new Big(String(value)).div(1e12).toFixed()}`,
          );
          const shuffled = [...lines, ...lines.slice(0, 2)].toSorted(
            () => (Number(random.next().value) % 3) - 1,
          );
          const table = parseRates([LONG, ...shuffled].join('\n'), 'a');
          const again = parseRates(table.csv(), 'b');
          expect(again).toMatchObject({
            digest: table.digest,
            rows: rates.length,
            newest: table.newest,
            oldest: table.oldest,
          });
          expect(again.csv()).toBe(table.csv());
        },
      ),
    );
  });

  test('it is sorted by currency, then day, and its digest is the sha-256 of its text', () => {
    const table = parseRates(
      `${LONG}\nUSD,2026-01-02,1.5\nUSD,2025-12-31,1.4\nGBP,2026-01-05,2`,
      'a',
    );
    const text = `${LONG}\nGBP,2026-01-05,2.000000000000\nUSD,2025-12-31,1.400000000000\nUSD,2026-01-02,1.500000000000\n`;
    expect(table.csv()).toBe(text);
    expect(table.digest).toBe(createHash('sha256').update(text).digest('hex'));
    expect(table).toMatchObject({ oldest: '2025-12-31', newest: '2026-01-05', rows: 3 });
  });

  test('twenty-seven years of 41 currencies are read in linear time', () => {
    const header = [
      'Date',
      'AUD',
      ...Array.from(
        { length: 40 },
        (_, i) => `X${String.fromCharCode(65 + (i % 26), 65 + Math.floor(i / 26))}`,
      ),
    ];
    const days = Array.from({ length: 7000 }, (_, i) =>
      new Date(i * 86_400_000).toISOString().slice(0, 10),
    );
    const text = [
      header,
      ...days.map((day, i) => [day, ...header.slice(1).map((_, j) => `${i + 1}.${j + 10}`)]),
    ].join('\n');
    const before = process.cpuUsage();
    expect(parseRates(text, 'a').rows).toBe(7000 * 41);
    // In microseconds. One core takes a second or less; a quadratic reader would take minutes.
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000);
  });
});

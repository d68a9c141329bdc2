import { describe, expect, test } from 'vitest';
import { RatesInvalid } from '../errors.ts';
import { parseRates } from './parse-rates.ts';

const LONG = 'currency,rate_date,rate_aud';

function failure(text: string): RatesInvalid {
  try {
    parseRates(text, 'fx/mine.csv');
  } catch (error) {
    if (error instanceof RatesInvalid) return error;
    throw error;
  }
  throw new Error('the rates were accepted');
}

const faultsOf = (text: string) => failure(text).message.split('\n  ').slice(1);

describe('rates that cannot be used fail with the file, the line and the fault', () => {
  test.each([
    [
      'an invalid date',
      'Date,USD,AUD\n2026-02-30,1,2',
      'line 2: date "2026-02-30" is not a date YYYY-MM-DD',
    ],
    [
      'a date of year 0',
      'Date,USD,AUD\n0000-02-03,1,2',
      'line 2: date "0000-02-03" is not a date YYYY-MM-DD',
    ],
    ['an unreadable value', 'Date,USD,AUD\n2026-02-03,1_0,2', 'line 2: USD "1_0" is not a number'],
    ['a value of NaN', 'Date,USD,AUD\n2026-02-03,1,NaN', 'line 2: AUD "NaN" is not a number'],
    ['a value of zero', 'Date,USD,AUD\n2026-02-03,0.00,2', 'line 2: USD "0.00" is not above 0'],
    ['a negative value', 'Date,USD,AUD\n2026-02-03,1,-2', 'line 2: AUD "-2" is not above 0'],
    [
      'a faulty value on a day without AUD',
      'Date,USD,AUD\n2026-02-03,x,N/A\n2026-02-04,1,2',
      'line 2: USD "x" is not a number',
    ],
    ['too few values', 'Date,USD,AUD\n2026-02-03,1', 'line 2: has 2 values for 3 columns'],
    ['too many values', 'Date,USD,AUD\n2026-02-03,1,2,3', 'line 2: has 4 values for 3 columns'],
    [
      'a column that is no currency',
      'Date,Dollar,AUD\n2026-02-03,1,2',
      'line 1: column "Dollar" is not a currency of three letters',
    ],
    ['a column twice', 'Date,USD,AUD,USD\n2026-02-03,1,2,1', 'line 1: duplicate column USD'],
    ['no column AUD', 'Date,USD\n2026-02-03,1', 'line 1: column AUD is missing'],
    [
      'a rate that rounds to 0',
      'Date,ZZZ,AUD\n2026-02-03,10000000000000,1',
      'line 2: ZZZ on 2026-02-03 is worth so little in AUD that it rounds to 0 at 12 places',
    ],
    [
      'a rate of a million',
      'Date,ZZZ,AUD\n2026-02-03,0.000001,1',
      'line 2: ZZZ on 2026-02-03 is worth 1,000,000 AUD or more, which no rate can be',
    ],
    [
      'a rate that rounds to a million',
      `${LONG}\nZZZ,2026-02-03,999999.9999999999995`,
      'line 2: ZZZ on 2026-02-03 is worth 1,000,000 AUD or more, which no rate can be',
    ],
    [
      'an unknown kind of currency',
      `${LONG}\nUS$,2026-02-03,1`,
      'line 2: currency "US$" is not three letters',
    ],
    [
      'a day in another form',
      `${LONG}\nUSD,03/02/2026,1`,
      'line 2: rate_date "03/02/2026" is not a date YYYY-MM-DD',
    ],
    [
      'a gap in the long shape',
      `${LONG}\nUSD,2026-02-03,N/A`,
      'line 2: rate_aud "N/A" is not a number',
    ],
    ['a long value of zero', `${LONG}\nUSD,2026-02-03,0`, 'line 2: rate_aud "0" is not above 0'],
    [
      'AUD that is not 1',
      `${LONG}\nAUD,2026-02-03,1.0001`,
      'line 2: rate_aud "1.0001": one AUD is 1 AUD, nothing else',
    ],
    [
      'too many values in a long row',
      `${LONG}\nUSD,2026-02-03,1,500`,
      'line 2: has 4 values for 3 columns',
    ],
    [
      'a header of neither shape',
      'day,usd\n2026-02-03,1',
      'line 1: the header is neither Date,USD,… nor currency,rate_date,rate_aud',
    ],
    ['an empty file', '\n \n', 'line 1: the file is empty'],
    ['a lone header', `\n${LONG}\n`, 'line 2: no rate follows the header'],
  ])('%s', (_, text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });

  test('a currency and day given twice with different values', () => {
    const long = `${LONG}\nUSD,2026-02-03,1.5\nGBP,2026-02-03,2\nUSD,2026-02-03,1.50\nUSD,2026-02-03,1.51`;
    expect(faultsOf(long)).toEqual(['line 5: USD on 2026-02-03 differs from what line 2 says']);
    const euro = 'Date,USD,AUD\n2026-02-03,1.1,1.6\n2026-02-03,1.10,1.6\n2026-02-03,1.2,1.6';
    expect(faultsOf(euro)).toEqual(['line 4: USD on 2026-02-03 differs from what line 2 says']);
  });

  test('values that differ only past the twelfth place still contradict each other', () => {
    const text = `${LONG}\nUSD,2026-02-03,1.5000000000001\nUSD,2026-02-03,1.5000000000002`;
    expect(faultsOf(text)).toEqual(['line 3: USD on 2026-02-03 differs from what line 2 says']);
  });

  test('every fault is counted, the first ten are listed, blank lines count as lines', () => {
    const rows = Array.from({ length: 14 }, (_, i) => `USD,2026-01-${10 + i},-1`);
    const faults = faultsOf([LONG, '', ...rows].join('\n'));
    expect(faults[0]).toBe('line 3: rate_aud "-1" is not above 0');
    expect(faults[9]).toBe('line 12: rate_aud "-1" is not above 0');
    expect(faults.slice(10)).toEqual(['and 4 more']);
  });

  test('the message names the file, and the hint names the remedy', () => {
    const { message, hint } = failure(`${LONG}\nUSD,2026-01-01,x`);
    expect(message).toContain('fx/mine.csv');
    expect(hint).toContain('eurofxref-hist.csv');
  });
});

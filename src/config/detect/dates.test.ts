import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { dateReader, isoKind } from './date-reader.ts';
import { decideDates } from './dates.ts';

describe('how dates are written is decided only where the values decide it', () => {
  test.each([
    [['2024-01-31', '2024-02-01T10:00:00Z', '2024/03/01'], []],
    [['12/1/2010 8:26', '1/13/2011 12:00'], ['M/d/yyyy H:mm']],
    [['1/12/2010', '13/1/2011'], ['d/M/yyyy']],
    [['31.01.2024', '01.02.2024'], ['d.M.yyyy']],
    [['2024.1.5', '2024.12.31'], ['yyyy.M.d']],
    [['5 Jan 2024', '31 Dec 2024'], ['d MMM yyyy']],
    [['Jan 5, 2024', 'Dec 31, 2024'], ['MMM d, yyyy']],
    [['05-Jan-24'], ['d-MMM-yy']],
    [['20240131', '20241205'], ['yyyyMMdd']],
    [['1/31/2024 1:05 PM', '2/1/2024 11:00 AM'], ['M/d/yyyy h:mm a']],
    [['1/31/2024, 13:05:09'], ['M/d/yyyy, H:mm:ss']],
    [['31/1/2024T13:05'], ["d/M/yyyy'T'H:mm"]],
    [['12/31/99'], ['M/d/yy']],
    [
      ['31/12/2024', '1/2/2024 10:00'],
      ['d/M/yyyy', 'd/M/yyyy H:mm'],
    ],
  ])('%j: %j', (values, formats) => {
    const verdict = decideDates(values);
    expect({ ...verdict, why: '' }).toMatchObject({ share: 1, formats, candidates: [] });
    const read = [(value: string) => isoKind(value) !== undefined, ...formats.map(dateReader)];
    expect(values.every((value) => read.some((reads) => reads(value)))).toBe(true);
  });

  test.each([
    [
      ['1/2/2024', '5/5/2024'],
      [['M/d/yyyy'], ['d/M/yyyy']],
    ],
    [['25/12/10'], [['d/M/yy'], ['yy/M/d']]],
    [['01022024'], [['ddMMyyyy'], ['MMddyyyy']]],
  ])('%j may be %j', (values, candidates) => {
    const verdict = decideDates(values);
    expect(verdict.formats).toEqual([]);
    expect(verdict.candidates.map((formats) => formats.join()).toSorted()).toEqual(
      candidates.map((formats) => formats.join()).toSorted(),
    );
  });

  test('days before months here and months before days there are no order at all', () => {
    const verdict = decideDates(['13/1/2024', '1/13/2024']);
    expect(verdict).toMatchObject({ formats: [], candidates: [] });
    expect(verdict.why).toContain('others only with the month first');
  });

  test('what is no date in any order is left aside', () => {
    const verdict = decideDates(['13/1/2024', 'n/a', '13/13/2024', '1700000000']);
    expect(verdict).toMatchObject({ formats: ['d/M/yyyy'], share: 0.25 });
  });

  test('a file of a known format is recognised or left open, never read wrongly', () => {
    const formats = [
      'M/d/yyyy',
      'd/M/yyyy',
      'd/M/yy',
      'M/d/yy',
      'yy/M/d',
      'ddMMyyyy',
      'MMddyyyy',
      'yyyyMMdd',
    ];
    const day = fc.record({
      yyyy: fc.integer({ min: 1990, max: 2039 }),
      M: fc.integer({ min: 1, max: 12 }),
      d: fc.integer({ min: 1, max: 28 }),
      padded: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.array(day, { minLength: 1, maxLength: 6 }),
        (format, days) => {
          const values = days.map(({ yyyy, M, d, padded }) => {
            const two = (part: number): string => String(part).padStart(2, '0');
            const short = (part: number): string => (padded ? two(part) : String(part));
            return format
              .replace('yyyy', String(yyyy))
              .replace('yy', two(yyyy % 100))
              .replace('MM', two(M))
              .replace('dd', two(d))
              .replace('M', short(M))
              .replace('d', short(d));
          });
          const { formats: found, candidates } = decideDates(values);
          const open = candidates.map((each) => each.join());
          expect(open.length > 0 ? open : [found.join()]).toContain(format);
        },
      ),
    );
  });
});

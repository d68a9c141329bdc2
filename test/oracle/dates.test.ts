import { describe, expect, test } from 'vitest';
import { outcomeOfRow, type HandSource } from './hand-lake.ts';

describe('purchase_date', () => {
  const london: HandSource = { timeZone: 'Europe/London' };
  const dateOf = (
    text: string,
    source: HandSource = {},
    zone: { timeZone?: string } = {},
  ): string | null | undefined => outcomeOfRow({ purchase_date: text }, source, zone).purchase_date;

  test.each([
    ['2026-01-30', '2026-01-30'],
    ['2026/01/30', '2026-01-30'],
    ['2024-02-29', '2024-02-29'],
    ['2026-01-30T23:59', '2026-01-30'],
    ['2026-01-30 23:59:59.9999999', '2026-01-30'],
    ['2026-01-30T12:59:59Z', '2026-01-30'],
    ['2026-01-30T13:00:00Z', '2026-01-31'],
    ['2026-01-30T13:00 Z', '2026-01-31'],
    ['2026-01-31T03:59+14:59', '2026-01-31'],
    ['2026-01-30T22:00-0430', '2026-01-31'],
    ['2026-01-30T22:00+10', '2026-01-30'],
    ['2026-02-01', '2026-02-01'],
  ])('%s is %s in Sydney', (text, date) => {
    expect(dateOf(text)).toBe(date);
  });

  test.each([
    '2026-02-30',
    '2023-02-29',
    '2026-13-01',
    '2026-1-5',
    '2026-01/30',
    '31/01/2026',
    '20260130',
    '0000-01-01',
    '2026-01-30T24:00',
    '2026-01-30T10:60',
    '2026-01-30T10:00:60',
    '2026-01-30T10',
    '2026-01-30t10:00',
    '2026-01-30T10:00z',
    '2026-01-30T10:00  Z',
    '2026/01/30T10:00',
    '2026-01-30T10:00+15:00',
    '2026-01-30T10:00:00.',
    '٢٠٢٦-01-30',
    'infinity',
  ])('%s is invalid', (text) => {
    expect(outcomeOfRow({ purchase_date: text }).reasons).toEqual(['purchase_date_invalid']);
  });

  test('a date before 1900 or more than one day after the ingestion date is out of range', () => {
    expect(outcomeOfRow({ purchase_date: '1899-12-31' }).reasons).toEqual([
      'purchase_date_out_of_range',
    ]);
    expect(outcomeOfRow({ purchase_date: '1900-01-01' }).reasons).toEqual([]);
    expect(outcomeOfRow({ purchase_date: '2026-02-02' }).reasons).toEqual([
      'purchase_date_out_of_range',
    ]);
    expect(outcomeOfRow({ purchase_date: '9999-12-31T23:00-14' }).reasons).toEqual([
      'purchase_date_out_of_range',
    ]);
    expect(outcomeOfRow({ purchase_date: '' }).reasons).toEqual(['purchase_date_missing']);
  });

  test('a timestamp without an offset is local to the source', () => {
    expect(dateOf('2026-01-30T12:59', london)).toBe('2026-01-30');
    expect(dateOf('2026-01-30T13:00', london)).toBe('2026-01-31');
    expect(dateOf('2026-01-30', london)).toBe('2026-01-30');
  });

  test('a time that occurs twice is the first, a skipped one has the offset before it', () => {
    // London leaves summer time on 2025-10-26 at 01:00 UTC: 01:30 is first 00:30 UTC.
    const inUtc = { timeZone: 'Etc/GMT+1' };
    expect(dateOf('2025-10-26T01:59', london, inUtc)).toBe('2025-10-25');
    expect(dateOf('2025-10-26T02:00', london, inUtc)).toBe('2025-10-26');
    // and enters it on 2025-03-30 at 01:00 UTC: the skipped 01:30 is 01:30 UTC, 00:30 in this zone.
    expect(dateOf('2025-03-30T01:30', london, inUtc)).toBe('2025-03-30');
    expect(dateOf('2025-03-30T00:59', london, inUtc)).toBe('2025-03-29');
  });

  test.each([
    ['M/d/yyyy H:mm', '1/5/2026 8:26', '2026-01-05'],
    ['M/d/yyyy H:mm', '1/5/2026 24:00', null],
    ['M/d/yyyy H:mm', '2/30/2026 8:26', null],
    ['dd-MMM-yy', '05-jAn-26', '2026-01-05'],
    ['dd-MMM-yy', '5-Jan-26', null],
    ['d.M.yyyy', '5.1.2026', '2026-01-05'],
    ['d.M.yyyy', '5x1x2026', null],
    ['M/d/yyyy h:mm a', '1/5/2026 12:00 am', '2026-01-05'],
    ['M/d/yyyy h:mm a', '1/5/2026 13:00 PM', null],
    ['M/d/yyyy h:mm a', '1/5/2026 0:00 AM', null],
    ["yyyyMMdd 'at' HHmmss", '20260105 at 235959', '2026-01-05'],
    ["yyyyMMdd 'at' HHmmss", '20260105 at 235960', null],
    ["d 'o''clock' M yyyy", "5 o'clock 1 2026", '2026-01-05'],
  ])('the format %s reads %s as %s', (format, text, date) => {
    const found = outcomeOfRow({ purchase_date: text }, { dateFormats: [format] });
    expect(found.purchase_date ?? null).toBe(date);
    expect(found.reasons).toEqual(date === null ? ['purchase_date_invalid'] : []);
  });

  test('the hour of a declared format moves the date: 12 AM is midnight, 12 PM is noon', () => {
    const source: HandSource = { timeZone: 'Europe/London', dateFormats: ['M/d/yyyy h:mm a'] };
    expect(dateOf('1/30/2026 12:59 AM', source)).toBe('2026-01-30');
    expect(dateOf('1/30/2026 12:59 PM', source)).toBe('2026-01-30');
    expect(dateOf('1/30/2026 1:00 PM', source)).toBe('2026-01-31');
  });

  test('the first format that yields a real date wins, after the ISO forms', () => {
    const dateFormats = ['d/M/yyyy', 'M/d/yyyy', 'yyyy-dd-MM'];
    expect(dateOf('1/12/2025', { dateFormats })).toBe('2025-12-01');
    expect(dateOf('12/31/2025', { dateFormats })).toBe('2025-12-31');
    expect(dateOf('2025-05-06', { dateFormats })).toBe('2025-05-06');
    expect(dateOf('2025-31-12', { dateFormats })).toBe('2025-12-31');
  });

  test('without a time zone of the source a timestamp keeps its date, even one that no clock in the zone showed', () => {
    // Samoa skipped the whole of 30 December 2011.
    const samoa = { timeZone: 'Pacific/Apia' };
    expect(dateOf('2011-12-30T12:00', {}, samoa)).toBe('2011-12-30');
    expect(dateOf('2011-12-30T12:00', samoa, samoa)).toBe('2011-12-31');
  });
});

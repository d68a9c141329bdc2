import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDateFormat } from './date-format.ts';

const field = (name: string) => ({ kind: 'field', field: name });
const text = (value: string) => ({ kind: 'text', text: value });

describe('a declared date format', () => {
  it('is fields and the text between them', () => {
    expect(parseDateFormat('M/d/yyyy H:mm')).toEqual([
      field('M'),
      text('/'),
      field('d'),
      text('/'),
      field('yyyy'),
      text(' '),
      field('H'),
      text(':'),
      field('mm'),
    ]);
  });

  it('keeps quoted text, doubled quotes and letters of other scripts as text', () => {
    expect(parseDateFormat("d 'de' MMM 'o''clock' ''yy")).toEqual([
      field('d'),
      text(' de '),
      field('MMM'),
      text(" o'clock '"),
      field('yy'),
    ]);
    expect(parseDateFormat('yyyy年M月d日').map((token) => token.kind)).toEqual([
      'field',
      'text',
      'field',
      'text',
      'field',
      'text',
    ]);
  });

  it('takes every letter that CLDR and the specification share', () => {
    expect(parseDateFormat('yyyyMMdd')).toEqual([field('yyyy'), field('MM'), field('dd')]);
    expect(
      parseDateFormat('dd-MMM-yy hh:mm:ss a').filter((token) => token.kind === 'field'),
    ).toHaveLength(7);
    expect(parseDateFormat('d/M/yyyy h a')).toContainEqual(field('a'));
    expect(parseDateFormat('dMMyyyy')).toHaveLength(3);
  });

  it.each([
    ['', 'has no year'],
    ['dd/MM', 'has no year'],
    ['dd/yyyy', 'has no month'],
    ['dd/mm/yyyy', 'mm are minutes'],
    ['MM/yyyy', 'has no day'],
    ['DD/MM/YYYY', 'DD is the day of the year'],
    ['dd/MM/YYYY', 'yyyy is the year (YYYY'],
    ['dd MMMM yyyy', 'MMM is the month'],
    ['dd/MM/yyyy HH:mm:ss.SSS', 'unknown letters SSS'],
    ['dd/MM/yyyyTHH:mm', "quote plain text: 'T'"],
    ['dd/MM/yyyy h:mm', 'without a (am or pm)'],
    ['dd/MM/yyyy HH:mm a', 'without h or hh'],
    ['dd/MM/yyyy mm', 'without an hour'],
    ['dd/MM/yyyy HH ss', 'without minutes'],
    ['dd/MM/yyyy yy', 'the year twice (yyyy and yy)'],
    ["dd/MM/yyyy 'at", 'never closed'],
    ['Mdyyyy', 'M and d with nothing between'],
    ['dMMHyyyy', 'd and H with nothing between'],
    ['dd/MM/yyyy ', 'ends with a blank'],
  ])('rejects %j: it %s', (pattern, message) => {
    expect(() => parseDateFormat(pattern)).toThrow(message);
  });

  it('never loses a character of text that is not a letter or a quote', () => {
    const characters = fc.constantFrom('/', '-', '.', ' ', '0', '年', '😀', '\n', '\\', '"', '$');
    fc.assert(
      fc.property(fc.string({ unit: characters }), (between) => {
        const pattern = `yyyy${between}MM${between}dd`;
        const tokens = parseDateFormat(pattern);
        const back = tokens.map((token) => (token.kind === 'text' ? token.text : token.field));
        expect(back.join('')).toBe(pattern);
      }),
    );
  });
});

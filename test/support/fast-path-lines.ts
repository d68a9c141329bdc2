import fc from 'fast-check';
import { DEFAULT_FIELDS, type Source } from '../../src/medallion/source.ts';

/** The columns of the lines; all but the last are fields. */
export const HEADER: readonly string[] = [...DEFAULT_FIELDS, 'updated_at', 'note'];

/** For each column, values that take the fast path and values that nearly do. */
const VALUES: readonly (readonly string[])[] = [
  [
    '7',
    '123456789',
    '999999999',
    '0',
    '007',
    '2147483647',
    '2147483648',
    '12.0',
    ' 5',
    'guest',
    '',
  ],
  [
    'Ann',
    "O'Brien",
    'Jean Luc',
    'Zoë',
    '李',
    '',
    'Two  blanks',
    'tab\tin',
    ' Ann',
    'a\u00a0b',
    'x\u0002y',
  ],
  ['Smith', 'de la Cruz', '', 'Åkesson', '\u3000', 'Smith '],
  [
    'a@b.co',
    'A.B+c@D-e.Example.ORG',
    '',
    'no-at',
    'a@b',
    'a@b..c',
    'ä@b.co',
    'a@b.co ',
    'a b@c.de',
  ],
  ['P1', 'order 17', '', ' P1', 'P-1', 'p\u00e9', '\u3000'],
  [
    '2026-01-05',
    '2024-02-29',
    '2023-02-29',
    '0000-01-01',
    '1899-12-31',
    '2026-04-11',
    '2026-04-12',
    '2026-01-05T10:00:00Z',
    '5/1/2026',
    '',
    '2026-13-01',
  ],
  [
    '10',
    '-10.5',
    '0.0001',
    '999999999.9999',
    '1234567890',
    '.5',
    '+3',
    '1e2',
    '12.34567',
    '-0',
    '',
    '1,5',
    'NaN',
  ],
  ['AUD', 'USD', 'EUR', 'usd', 'XYZ', 'US', '', 'US D'],
  ['', '3', '2026-01-05 10:00:00', 'soon', '1.5'],
  ['', 'anything at all', '\u00e9', 'x'.repeat(300)],
];

/** Lines of some of the columns, in their order, of which about a fifth take the fast path. */
export const fastPathLine = (columns: readonly string[], delimiter: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...columns
        .map((column) => VALUES[HEADER.indexOf(column)] ?? [''])
        .map((values) =>
          fc.oneof(
            { weight: 4, arbitrary: fc.constant(values[0] ?? '') },
            { weight: 3, arbitrary: fc.constantFrom(...values) },
          ),
        ),
    )
    .map((cells) => cells.map((cell) => cell.replaceAll(delimiter, '')).join(delimiter));

/** A source that reads them. */
export const fastPathSource: Source = {
  name: 'shop',
  match: '**',
  rows: 'purchases',
  format: { decimal: '.', thousands: '' },
  dateFormats: [],
  fields: Object.fromEntries(
    HEADER.filter((name) => name !== 'note').map((name) => [
      name,
      { kind: 'column', column: name },
    ]),
  ),
  deletes: [],
};

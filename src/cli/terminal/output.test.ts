import { expect, test } from 'vitest';

import { csvLine } from './output.ts';

const FORMULAS = [
  '=cmd()',
  '+61 400 000 000',
  '-2+3',
  '-',
  '-inf',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '\0=1',
  ' =1+1',
  '\u00a0=1',
  '\uff1d1+1',
  '\uff0b1',
  '\uff0d1+1',
  '\uff20SUM(A1)',
];
const PLAIN = ['-5.00', '-1', '-1e-7', '5.00', 'a=b', "'=1", '', '1-2', 'x@example.org', '0'];

/** A cell as a reader of CSV has it. */
const cellOf = (line: string): string =>
  line
    .slice(0, -1)
    .replace(/^"([^]*)"$/, '$1')
    .replaceAll('""', '"');

test.each(FORMULAS)('a spreadsheet does not run %j, and --exact leaves it', (cell) => {
  expect(cellOf(csvLine([cell], false))).toBe(`'${cell}`);
  expect(cellOf(csvLine([cell], true))).toBe(cell);
});

test.each(PLAIN)('%j is not changed', (cell) => {
  expect(cellOf(csvLine([cell], false))).toBe(cell);
});

test('quotes, line ends and the quote before a formula come together', () => {
  expect(csvLine(['=HYPERLINK("a", "b")', null, '', 'a "b"\nc'], false)).toBe(
    `"'=HYPERLINK(""a"", ""b"")",,"","a ""b""\nc"\n`,
  );
});

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

/** A cell as a CSV reader returns it. */
const cellOf = (line: string): string =>
  line
    .slice(0, -1)
    .replace(/^"([^]*)"$/, '$1')
    .replaceAll('""', '"');

test.each(FORMULAS)('%j is escaped for spreadsheets, and unchanged with --exact', (cell) => {
  expect(cellOf(csvLine([cell], false))).toBe(`'${cell}`);
  expect(cellOf(csvLine([cell], true))).toBe(cell);
});

test.each(PLAIN)('%j is not changed', (cell) => {
  expect(cellOf(csvLine([cell], false))).toBe(cell);
});

test('a cell with quotes and a formula is quoted and escaped', () => {
  expect(csvLine(['=HYPERLINK("a", "b")', null, '', 'a "b"\nc'], false)).toBe(
    `"'=HYPERLINK(""a"", ""b"")",,"","a ""b""\nc"\n`,
  );
});

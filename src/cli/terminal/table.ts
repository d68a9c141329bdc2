import stringWidth from 'string-width';

import { printable } from './terminal.ts';

export { printable } from './terminal.ts';

export type Align = 'left' | 'right';

/**
 * Formats rows in aligned columns under a header, two blanks apart. Null is shown as a dash; no
 * line ends in blanks.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  align: readonly Align[] = [],
): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => printable(cell ?? '-')));
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell)));
        return align[column] === 'right' ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Formats a whole number with commas between groups of three digits. */
export const grouped = (value: number | string): string =>
  String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** A number with its noun in the singular or the plural: `1 row`, `1,200 rows`. */
export const counted = (value: number, one: string): string =>
  `${grouped(value)} ${value === 1 ? one : `${one}s`}`;

/** Formats an amount of money: its whole part in groups of three digits, its decimals unchanged. */
export function money(amount: string): string {
  const [whole = '', ...rest] = amount.split('.');
  return [grouped(whole), ...rest].join('.');
}

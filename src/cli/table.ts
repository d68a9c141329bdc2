import stringWidth from 'string-width';

/** What a terminal might obey in a value is shown as its code point: escapes, and marks that turn the direction of text. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export const printable = (text: string): string =>
  text.replace(UNSAFE, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);

export type Align = 'left' | 'right';

/** Rows in aligned columns under a header, two blanks apart, null shown as a dash. No line ends in blanks. */
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

/** A whole number with a comma between groups of three. */
export const grouped = (value: number | string): string =>
  String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** An amount of money with its whole part grouped, its decimals as they are. */
export function money(amount: string): string {
  const [whole = '', ...rest] = amount.split('.');
  return [grouped(whole), ...rest].join('.');
}

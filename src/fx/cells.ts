/** A non-blank line of a rate table; `line` is its number in the file, from 1. */
export type Row = { line: number; cells: string[] };

/**
 * Splits a table into rows of trimmed cells, one at a time. The trailing comma of the central
 * bank's lines adds no cell.
 */
export function* readCells(text: string): Generator<Row, undefined> {
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (line.trim() === '') continue;
    const cells = line.split(',').map(readCell);
    if (cells.length > 1 && cells.at(-1) === '') cells.pop();
    yield { line: index + 1, cells };
  }
}

const ISO_DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const LONG_DAY = /^([0-9]{1,2}) ([A-Z][a-z]{2})[a-z]* ([0-9]{4})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Reads `2026-10-30`, or `30 October 2026` as in the central bank's file of one day, as YYYY-MM-DD;
 * undefined for an invalid date.
 */
export function readDay(text: string): string | undefined {
  const iso = ISO_DAY.test(text) ? text : fromLongDay(text);
  if (iso === undefined || iso.startsWith('0000')) return undefined;
  const time = Date.parse(`${iso}T00:00:00Z`);
  // Date.parse accepts 31 April as 1 May.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== iso ? undefined : iso;
}

/** Reads three ASCII letters and upper-cases them; undefined for anything else. */
export function readCurrency(text: string): string | undefined {
  return /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : undefined;
}

function fromLongDay(text: string): string | undefined {
  const [, day = '', month = '', year = ''] = LONG_DAY.exec(text) ?? [];
  const index = MONTHS.indexOf(month);
  return index < 0
    ? undefined
    : `${year}-${String(index + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function readCell(cell: string): string {
  const text = cell.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).trim()
    : text;
}

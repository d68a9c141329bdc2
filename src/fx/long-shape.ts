import { readCurrency, readDay } from './cells.ts';
import type { Row } from './cells.ts';
import { asFraction, readDecimal } from './decimal.ts';
import type { Fraction } from './decimal.ts';
import type { Faults } from './faults.ts';
import type { RateBook } from './rate-book.ts';

const COLUMNS = ['currency', 'rate_date', 'rate_aud'] as const;

/**
 * True for a header of the long shape, `currency,rate_date,rate_aud`, in any order and letter case;
 * other columns are ignored.
 */
export function isLongShape(header: Row): boolean {
  const names = header.cells.map(columnName);
  return COLUMNS.every((column) => names.filter((name) => name === column).length === 1);
}

/** Reads one row per currency and day; the value is AUD for one unit. */
export function readLongShape(
  header: Row,
  rows: Iterable<Row>,
  book: RateBook,
  faults: Faults,
): void {
  const names = header.cells.map(columnName);
  const places = COLUMNS.map((column) => names.indexOf(column));
  const dayOf = rememberDays();
  for (const { line, cells } of rows) {
    const [currencyText = '', dayText = '', rateText = ''] = places.map((place) => cells[place]);
    const currency = readCurrency(currencyText);
    const day = dayOf(dayText);
    if (cells.length > names.length)
      faults.add(line, `has ${cells.length} values for ${names.length} columns`);
    if (currency === undefined) faults.add(line, `currency "${currencyText}" is not three letters`);
    if (day === undefined) faults.add(line, `rate_date "${dayText}" is not a date YYYY-MM-DD`);
    const value = readRate(rateText, currency === 'AUD', (what) => faults.add(line, what));
    if (currency === undefined || currency === 'AUD' || day === undefined || value === undefined)
      continue;
    book.add(currency, day, value, line);
  }
}

function readRate(
  text: string,
  isAud: boolean,
  fault: (what: string) => void,
): Fraction | undefined {
  const value = readDecimal(text);
  const fraction = value && asFraction(value);
  if (fraction === undefined) fault(`rate_aud "${text}" is not a number`);
  else if (fraction.over <= 0n) fault(`rate_aud "${text}" is not above 0`);
  else if (isAud && fraction.over !== fraction.under)
    fault(`rate_aud "${text}": one AUD is 1 AUD, nothing else`);
  else return fraction;
  return undefined;
}

/** Caches parsed days: each is in the table once for each of some 40 currencies. */
function rememberDays(): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, readDay(text));
    return known.get(text);
  };
}

/**
 * Normalises a header as in purchase files: trimmed, lower-cased, runs of blanks and hyphens
 * replaced by one `_`.
 */
function columnName(header: string): string {
  return header.toLowerCase().replaceAll(/[\s-]+/g, '_');
}

import { readCurrency, readDay } from './cells.ts';
import type { Row } from './cells.ts';
import { asFraction, quotient, readDecimal } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import type { Faults } from './faults.ts';
import type { RateBook } from './rate-book.ts';

/** True for a header of the central bank: `Date`, then one currency per column. */
export function isEuroShape(header: Row): boolean {
  return header.cells[0]?.toLowerCase() === 'date' && header.cells.length > 1;
}

/**
 * Reads one row per day, with units of each currency for 1 EUR. One unit of a currency is then
 * worth AUD / currency in AUD, and one EUR is worth the AUD column. A day without AUD produces no
 * rates, though its values are checked.
 */
export function readEuroShape(
  header: Row,
  rows: Iterable<Row>,
  book: RateBook,
  faults: Faults,
): void {
  const currencies = readHeader(header, faults);
  for (const row of rows) {
    const day = readDay(row.cells[0] ?? '');
    if (day === undefined) faults.add(row.line, `date "${row.cells[0]}" is not a date YYYY-MM-DD`);
    if (row.cells.length !== header.cells.length) {
      faults.add(row.line, `has ${row.cells.length} values for ${header.cells.length} columns`);
      continue;
    }
    const units = readUnits(currencies, row, faults);
    const aud = units.get('AUD');
    if (day === undefined || aud === undefined) continue;
    book.add('EUR', day, asFraction(aud), row.line);
    for (const [currency, value] of units) {
      if (currency !== 'AUD') book.add(currency, day, quotient(aud, value), row.line);
    }
  }
}

function readHeader(header: Row, faults: Faults): string[] {
  const currencies = header.cells.slice(1).map((cell) => {
    const currency = readCurrency(cell);
    if (currency === undefined)
      faults.add(header.line, `column "${cell}" is not a currency of three letters`);
    return currency ?? '';
  });
  if (!currencies.includes('AUD')) faults.add(header.line, 'column AUD is missing');
  for (const [index, currency] of currencies.entries()) {
    if (currency !== '' && currencies.indexOf(currency) !== index)
      faults.add(header.line, `duplicate column ${currency}`);
  }
  return currencies;
}

function readUnits(currencies: string[], row: Row, faults: Faults): Map<string, Decimal> {
  const units = new Map<string, Decimal>();
  for (const [index, currency] of currencies.entries()) {
    const cell = row.cells[index + 1] ?? '';
    if (cell === 'N/A' || cell === '') continue;
    const value = readDecimal(cell);
    if (value === undefined) faults.add(row.line, `${currency} "${cell}" is not a number`);
    else if (value.digits <= 0n) faults.add(row.line, `${currency} "${cell}" is not above 0`);
    else units.set(currency, value);
  }
  return units;
}

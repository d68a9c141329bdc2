import { readCells } from './cells.ts';
import { isEuroShape, readEuroShape } from './euro-shape.ts';
import { collectFaults, ratesInvalid } from './faults.ts';
import { isLongShape, readLongShape } from './long-shape.ts';
import { openRateBook } from './rate-book.ts';
import { makeRates } from './rates.ts';
import type { Rates } from './rates.ts';

/**
 * Reads a published table of rates into AUD for one unit, crossed exactly and rounded once, half
 * away from zero, to 12 places (SPEC section 5). The table has the European Central Bank's shape
 * (`Date,USD,JPY,…`, units of currency for 1 EUR) or the columns `currency,rate_date,rate_aud`.
 * `name` is the file's name in `RatesInvalid`, which lists the faulty lines.
 */
export function parseRates(text: string, name: string): Rates {
  const rows = readCells(text);
  const header = rows.next().value;
  if (header === undefined) throw ratesInvalid(name, 'line 1: the file is empty');
  const faults = collectFaults(name);
  const book = openRateBook(faults);
  if (isLongShape(header)) readLongShape(header, rows, book, faults);
  else if (isEuroShape(header)) readEuroShape(header, rows, book, faults);
  else faults.add(header.line, 'the header is neither Date,USD,… nor currency,rate_date,rate_aud');
  const rates = book.rates();
  faults.throwIfAny();
  if (rates.size === 0) throw ratesInvalid(name, `line ${header.line}: no rate follows the header`);
  return makeRates(rates);
}

import { once } from 'node:events';

import { type Io, ReaderGone } from './io.ts';
import { unguarded } from './terminal.ts';

/**
 * Formats one line of CSV (RFC 4180): null is empty, text is quoted only if necessary. Cells that a
 * spreadsheet would run as formulas are escaped unless `exact`.
 */
export const csvLine = (cells: readonly (string | null)[], exact: boolean): string =>
  `${cells.map((cell) => csvCell(exact ? cell : spreadsheetSafe(cell))).join(',')}\n`;

function csvCell(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * Cells that spreadsheets run as formulas: also after blanks, which some of them drop, and with
 * full-width characters of East Asian keyboards.
 */
const FORMULA = /^(?:[\t\r\n\0]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;
/** A negative number is not a formula and stays a number. */
const NUMBER = /^-\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * Puts a quote before a cell that a spreadsheet would run as a formula (OWASP ASVS 1.2.10). The
 * cell then is text and no longer the exact value.
 */
const spreadsheetSafe = (value: string | null): string | null =>
  value !== null && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;

/** Writes text with backpressure; control characters are shown as code points. */
export const write = ({ stdout }: Io, content: string): Promise<void> => writeTo(stdout, content);

/** Writes data unchanged, with backpressure; on a terminal like `write`. */
export const writeExact = ({ stdout }: Io, content: string | Buffer): Promise<void> =>
  writeTo(stdout.isTTY === true ? stdout : unguarded(stdout), content);

async function writeTo(stdout: Io['stdout'], content: string | Buffer): Promise<void> {
  const gone = (): never => {
    throw new ReaderGone('The reader of standard output has gone.');
  };
  if (!stdout.writable) gone();
  if (content.length > 0 && !stdout.write(content)) await once(stdout, 'drain').catch(gone);
}

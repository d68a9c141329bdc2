import { once } from 'node:events';

import { type Io, ReaderGone } from './io.ts';
import { unguarded } from './terminal.ts';

/**
 * One line of CSV (RFC 4180): a null is empty, text is quoted only where it must be. Cells that a
 * spreadsheet would run are disarmed unless `exact`.
 */
export const csvLine = (cells: readonly (string | null)[], exact: boolean): string =>
  `${cells.map((cell) => csvCell(exact ? cell : spreadsheetSafe(cell))).join(',')}\n`;

function csvCell(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * What spreadsheets run: also after blanks, which some of them drop, and in the wide characters of
 * East Asian keyboards.
 */
const FORMULA = /^(?:[\t\r\n\0]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;
/** A negative number is no formula, and stays a number. */
const NUMBER = /^-\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * What a spreadsheet would run as a formula gets a quote before it (OWASP ASVS 1.2.10): the cell is
 * text then, and no longer the exact value.
 */
const spreadsheetSafe = (value: string | null): string | null =>
  value !== null && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;

/** Writes text at the pace of its reader; control characters are shown as code points. */
export const write = ({ stdout }: Io, content: string): Promise<void> => pace(stdout, content);

/** Writes data as they are, at the pace of their reader; on a terminal as `write` does. */
export const writeExact = ({ stdout }: Io, content: string | Buffer): Promise<void> =>
  pace(stdout.isTTY === true ? stdout : unguarded(stdout), content);

async function pace(stdout: Io['stdout'], content: string | Buffer): Promise<void> {
  const gone = (): never => {
    throw new ReaderGone('The reader of standard output has gone.');
  };
  if (!stdout.writable) gone();
  if (content.length > 0 && !stdout.write(content)) await once(stdout, 'drain').catch(gone);
}

import { once } from 'node:events';

import { type Io, ReaderGone } from './io.ts';
import { unguarded } from './terminal.ts';

/** RFC 4180, exact: a null is empty, text is quoted only where it must be. */
export function csvCell(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** What a spreadsheet would run as a formula gets a quote before it (OWASP ASVS 1.2.10): the cell is text then, and no longer the exact value. */
export const spreadsheetSafe = (value: string | null): string | null =>
  value !== null && /^[=+\-@\t\r\0]/.test(value) ? `'${value}` : value;

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

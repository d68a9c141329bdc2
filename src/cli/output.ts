import { once } from 'node:events';

import { type Io, ReaderGone } from './io.ts';

/** RFC 4180, exact: a null is empty, text is quoted only where it must be. */
export function csvCell(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** What a spreadsheet would run as a formula gets a quote before it (OWASP ASVS 1.2.10): the cell is text then, and no longer the exact value. */
export const spreadsheetSafe = (value: string | null): string | null =>
  value !== null && /^[=+\-@\t\r\0]/.test(value) ? `'${value}` : value;

/** Writes data at the pace of whoever reads it. */
export async function write({ stdout }: Io, content: string | Buffer): Promise<void> {
  if (!stdout.writable) throw new ReaderGone('Whoever read the answer has gone.');
  if (content.length > 0 && !stdout.write(content)) await once(stdout, 'drain');
}

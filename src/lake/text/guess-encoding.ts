import { createReadStream } from 'node:fs';

import type { SourceFormat } from '../../medallion/source.ts';
import { gunzipChecked } from './gunzip.ts';

export type EncodingGuess = { encoding: NonNullable<SourceFormat['encoding']>; why: string };

const CHUNK = 1 << 20;
/** Bytes without a character in windows-1252. */
const UNASSIGNED = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/**
 * Guesses the single-byte encoding of a text that is not UTF-8. The two differ only in bytes 80 to
 * 9F: printable in windows-1252 (quotes, dashes, the euro sign), control characters in ISO 8859-1,
 * which exports do not hold.
 */
export async function guessSingleByte(path: string, maxInflation: number): Promise<EncodingGuess> {
  const chunks = path.toLowerCase().endsWith('.gz')
    ? gunzipChecked(path, maxInflation, CHUNK)
    : createReadStream(path, { highWaterMark: CHUNK });
  let printable = 0;
  let unassigned = 0;
  for await (const chunk of chunks as AsyncIterable<Buffer>)
    for (const byte of chunk) {
      if (byte < 0x80 || byte > 0x9f) continue;
      if (UNASSIGNED.has(byte)) unassigned += 1;
      else printable += 1;
    }
  if (unassigned > 0)
    return {
      encoding: 'latin1',
      why: `it is not UTF-8, and ${unassigned} of its bytes have no character in windows-1252`,
    };
  return {
    encoding: 'windows-1252',
    why:
      printable > 0
        ? `it is not UTF-8, and its ${printable} bytes from 80 to 9F are all characters of windows-1252`
        : 'it is not UTF-8, and no byte from 80 to 9F distinguishes windows-1252 from latin1: both read it alike, and the next file may hold a euro sign',
  };
}

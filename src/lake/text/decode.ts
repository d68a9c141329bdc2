import type { SourceFormat } from '../../medallion/source.ts';
import { charset, type Charset } from './charsets.ts';
import { Unreadable } from './unreadable.ts';

/**
 * Converts chunks of bytes to UTF-8 text without BOM. Chunks may end anywhere; the returned text
 * may share their memory. `end` returns the rest, and throws where a character is incomplete.
 */
export type Decoder = {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
  /**
   * Returns what was found at the start; undefined before four bytes. `asIs`: the text equals the
   * object's own bytes.
   */
  found(): { bom: boolean; asIs: boolean } | undefined;
};

const NONE = Buffer.alloc(0);

/**
 * Creates an object's decoder: a BOM takes precedence over the declared encoding; without either
 * the text is strict UTF-8. Throws `Unreadable` with the byte offset (in the decompressed object)
 * of the first invalid bytes.
 */
export function createDecoder(declared: SourceFormat['encoding']): Decoder {
  let held: Buffer = NONE;
  let offset = 0;
  let start: { charset: Charset; bom: boolean } | undefined;

  function begin(): void {
    const bom = bomOf(held);
    start = { charset: charset(bom?.encoding ?? declared ?? 'utf-8'), bom: bom !== undefined };
    offset = bom?.length ?? 0;
    held = held.subarray(offset);
  }

  function convert(using: Charset, last: boolean): Buffer {
    const whole = using.whole(held);
    const text = using.toUtf8(held.subarray(0, whole));
    const bad = text === undefined ? using.firstBad(held.subarray(0, whole)) : whole;
    if (text === undefined || (last && whole < held.length))
      throw undecodable(using, offset + bad, held.subarray(bad));
    offset += whole;
    held = Buffer.from(held.subarray(whole));
    return text;
  }

  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (start === undefined && held.length < 4) {
        held = Buffer.from(held);
        return NONE;
      }
      if (start === undefined) begin();
      return start === undefined ? NONE : convert(start.charset, false);
    },
    end() {
      if (start === undefined) begin();
      return start === undefined ? NONE : convert(start.charset, true);
    },
    found: () => start && { bom: start.bom, asIs: !start.bom && start.charset.name === 'UTF-8' },
  };
}

function bomOf(
  start: Buffer,
): { encoding: Parameters<typeof charset>[0]; length: number } | undefined {
  refusePacked(start);
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf)
    return { encoding: 'utf-8', length: 3 };
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  if (start[0] === 0xff && start[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  return undefined;
}

/**
 * Detects archives and UTF-32, which would otherwise be decoded as latin1 or UTF-16.
 */
function refusePacked(start: Buffer): void {
  const magic = start.subarray(0, 4).toString('hex');
  if (magic.startsWith('1f8b')) {
    throw new Unreadable(
      'The content is gzip, but the name does not end in .gz. Rename the object or send it uncompressed.',
    );
  }
  if (magic === '504b0304') {
    throw new Unreadable(
      'The content is a zip archive or an Excel workbook. Send the CSV or JSON files themselves.',
    );
  }
  if (magic === 'fffe0000' || magic === '0000feff') {
    throw new Unreadable('The content is UTF-32. Send it as UTF-8.');
  }
}

function undecodable(using: Charset, offset: number, bytes: Buffer): Unreadable {
  // Only one byte: more could put personal data into the ledger, which is never removed.
  const hex = bytes.subarray(0, 1).toString('hex');
  const how =
    using.name === 'UTF-8'
      ? "If the file has another encoding, declare it in the source's format.encoding (latin1 or windows-1252)."
      : 'Its byte order mark says so; send the file again, or as UTF-8.';
  return new Unreadable(
    `Not ${using.name} text: no character begins at byte ${offset} (${hex}). ${how}`,
  );
}

import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** A character encoding. Buffers begin at a character. */
export type Charset = {
  readonly name: string;
  /**
   * Returns the number of bytes that are whole characters; the rest may be an incomplete character.
   */
  whole(bytes: Buffer): number;
  /** Converts the bytes to UTF-8; undefined where some are invalid. */
  toUtf8(bytes: Buffer): Buffer | undefined;
  /** Returns the offset of the first invalid bytes, for bytes that `toUtf8` cannot convert. */
  firstBad(bytes: Buffer): number;
};

export function charset(
  encoding: 'utf-8' | 'latin1' | 'windows-1252' | 'utf-16le' | 'utf-16be',
): Charset {
  if (encoding === 'utf-8') return UTF_8;
  if (encoding === 'latin1') return singleByte('ISO 8859-1', (text) => text);
  if (encoding === 'windows-1252') return singleByte('windows-1252', fromWindows1252);
  return utf16(encoding === 'utf-16be');
}

const UTF_8: Charset = {
  name: 'UTF-8',
  whole: wholeUtf8,
  toUtf8: (bytes) => (isUtf8(bytes) ? bytes : undefined),
  firstBad(bytes) {
    // Binary search for the longest valid prefix: isUtf8 does not return a position.
    let good = 0;
    let bad = bytes.length;
    while (bad - good > 1) {
      const middle = (good + bad) >>> 1;
      const prefix = bytes.subarray(0, middle);
      if (isUtf8(prefix.subarray(0, wholeUtf8(prefix)))) good = middle;
      else bad = middle;
    }
    return wholeUtf8(bytes.subarray(0, good));
  },
};

/** Checks the last three bytes, the most that an incomplete character can have. */
function wholeUtf8(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function singleByte(name: string, characters: (text: string) => string): Charset {
  return {
    name,
    whole: (bytes) => bytes.length,
    toUtf8: (bytes) => Buffer.from(characters(bytes.toString('latin1')), 'utf8'),
    firstBad: (bytes) => bytes.length,
  };
}

/** Bytes 80 to 9F; the five unassigned bytes are controls, as in browsers. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/**
 * Decodes by table, because Node 20.20.2's `TextDecoder('windows-1252')` reads byte 80 as U+0080.
 */
function fromWindows1252(latin1: string): string {
  return latin1.replace(/[\u0080-\u009f]/g, (control) =>
    WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80),
  );
}

function utf16(bigEndian: boolean): Charset {
  const decoder = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });
  const unitAt = (bytes: Buffer, at: number) =>
    bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
  return {
    name: bigEndian ? 'UTF-16BE' : 'UTF-16LE',
    whole(bytes) {
      const even = bytes.length & ~1;
      return even >= 2 && (unitAt(bytes, even - 2) & 0xfc00) === 0xd800 ? even - 2 : even;
    },
    toUtf8(bytes) {
      const little = bigEndian ? Buffer.from(bytes).swap16() : bytes;
      try {
        return Buffer.from(decoder.decode(little), 'utf8');
      } catch {
        return undefined;
      }
    },
    firstBad(bytes) {
      for (let at = 0; at < bytes.length; at += 2) {
        const kind = unitAt(bytes, at) & 0xfc00;
        const paired =
          kind === 0xd800 && at + 2 < bytes.length && (unitAt(bytes, at + 2) & 0xfc00) === 0xdc00;
        if (kind === 0xdc00 || (kind === 0xd800 && !paired)) return at;
        if (paired) at += 2;
      }
      return bytes.length;
    },
  };
}

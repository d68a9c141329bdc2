import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/**
 * The characters of 0x80 to 0x9F in windows-1252; the five undefined bytes stay control characters.
 */
const WINDOWS_1252 = [
  ...'\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f',
  ...'\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178',
];

/** The content of an object, decompressed if its key ends in `.gz`; null if that fails. */
export function contentOf(key: string, bytes: Uint8Array, maxInflation: number): Uint8Array | null {
  if (!key.toLowerCase().endsWith('.gz')) return bytes;
  try {
    const content = gunzipSync(bytes);
    return content.length > maxInflation * bytes.length ? null : content;
  } catch {
    return null;
  }
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function startsWith(bytes: Uint8Array, head: number[]): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}

function strict(encoding: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function byteByByte(bytes: Uint8Array, of: (byte: number) => string): string {
  return Array.from(bytes, of).join('');
}

/**
 * The text of a content; a byte order mark takes precedence over the declared encoding. Null if the
 * bytes are not valid in the encoding.
 */
export function decodeText(content: Uint8Array, declared: string | undefined): string | null {
  if (startsWith(content, [0xef, 0xbb, 0xbf])) return strict('utf-8', content.subarray(3));
  if (startsWith(content, [0xff, 0xfe])) return strict('utf-16le', content.subarray(2));
  if (startsWith(content, [0xfe, 0xff])) return strict('utf-16be', content.subarray(2));
  if (declared === 'latin1') return byteByByte(content, (byte) => String.fromCharCode(byte));
  if (declared === 'windows-1252') {
    return byteByByte(content, (byte) =>
      byte >= 0x80 && byte <= 0x9f ? (WINDOWS_1252[byte - 0x80] ?? '') : String.fromCharCode(byte),
    );
  }
  return strict('utf-8', content);
}

import { inflateRawSync } from 'node:zlib';
import { RatesInvalid } from '../../errors.ts';

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_HEADER = 0x06054b50;
const HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const MAX_BYTES = 100_000_000;

/**
 * The content of a zip archive's first file; the central bank packs one table. Error:
 * `RatesInvalid` for anything else.
 */
export function unzipFirst(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from(new Uint32Array([END_HEADER]).buffer));
  const entry = end < 0 || end + 20 > zip.length ? -1 : zip.readUInt32LE(end + 16);
  if (entry < 0 || entry + 46 > zip.length || zip.readUInt32LE(entry) !== CENTRAL_HEADER)
    throw broken(name);
  const method = zip.readUInt16LE(entry + 10);
  const packed = zip.readUInt32LE(entry + 20);
  const local = zip.readUInt32LE(entry + 42);
  if (local + HEADER_BYTES > zip.length || zip.readUInt32LE(local) !== LOCAL_HEADER)
    throw broken(name);
  const start = local + HEADER_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const content = zip.subarray(start, start + packed);
  if (method === STORED) return content;
  if (method !== DEFLATED) throw broken(name);
  try {
    return inflateRawSync(content, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    throw broken(name, cause);
  }
}

const broken = (name: string, cause?: unknown): RatesInvalid =>
  new RatesInvalid(`The archive ${name} cannot be read.`, {
    hint: 'The rates of the lake are unchanged; the next day tries again.',
    cause,
  });

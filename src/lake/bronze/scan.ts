import { createHash } from 'node:crypto';
import type { SourceFormat } from '../../medallion/source.ts';
import { fileBytes } from '../ledger/file-bytes.ts';
import { createCsvReading, type CsvReport } from './csv-reading.ts';
import { createDecoder } from '../text/decode.ts';
import { gunzipChecked } from '../text/gunzip.ts';
import { createJsonReading, type JsonReport } from './json-reading.ts';
import { createTextCopy, type TextCopy } from '../text/text-copy.ts';
import { Unreadable } from '../text/unreadable.ts';

export type ScanOptions = {
  /** A local file with the object's content. */
  path: string;
  /** The object's key: its extension decides the format. */
  key: string;
  format: Pick<SourceFormat, 'type' | 'encoding' | 'delimiter'>;
  /** A gzip that inflates to more than this many times its size is unreadable. */
  maxInflation: number;
  /** A folder for converted copies of texts that engines cannot read directly. */
  scratch: string;
  /** Size of the file in bytes, where known. */
  size?: number;
  /** Bytes read at a time; for tests. */
  chunkSize?: number;
};

/**
 * `sha256` and `bytes` describe the decompressed content; `text` is the path of its text as UTF-8
 * without BOM.
 */
type Readable = { sha256: string; bytes: number; text: string; bom: boolean };
export type CsvScan = { kind: 'csv' } & Readable & CsvReport;
export type JsonScan = { kind: 'json' } & Readable & JsonReport;

export type Scan =
  | CsvScan
  | JsonScan
  /** Neither header nor row. */
  | { kind: 'empty'; sha256: string; bytes: number }
  /**
   * `sha256` is undefined where the content could not be decompressed. The message describes what,
   * where, and how to fix it.
   */
  | { kind: 'unreadable'; sha256: string | undefined; reason: 'file_unreadable'; message: string };

const CHUNK = 1 << 20;
const ENDING = /\.(?:(csv|tsv|txt)|(json|jsonl|ndjson))(\.gz)?$/i;

/** A longer row fits neither a string nor an engine's value. */
const LONGEST_ROW = 256 << 20;

/** True where the key's extension is one that is read; other objects are only reported. */
export function isReadable(key: string): boolean {
  return ENDING.test(key);
}

/**
 * Reads a bronze object once, as a stream, and returns what an engine must know before any SQL
 * (SPEC section 3). Unreadable content is a result, not an error. Throws errors of the file system,
 * and for a key that is not `isReadable`.
 */
export async function scanObject(options: ScanOptions): Promise<Scan> {
  const ending = ENDING.exec(options.key);
  if (ending === null) throw new Error(`${options.key} is not an object that is read`);
  const packed = ending[3] !== undefined;
  const type = options.format.type ?? (ending[1] === undefined ? 'json' : 'csv');
  await using copy = createTextCopy(options, packed);
  const hash = createHash('sha256');
  const content = createContent(options, type, copy);
  let bytes = 0;
  let sha256: string | undefined;
  let refused: Unreadable | undefined;
  try {
    for await (const chunk of objectBytes(options, packed)) {
      hash.update(chunk);
      bytes += chunk.length;
      // An unreadable text is still hashed to its end: the ledger identifies it by its sha-256.
      refused ??= await refusal(content.push(chunk));
    }
    sha256 = hash.digest('hex');
    if (refused !== undefined) throw refused;
    return await content.finish(sha256, bytes);
  } catch (error) {
    const why = error instanceof Unreadable ? error : forbidden(error, options.path);
    if (why === undefined) throw error;
    await copy.discard();
    return { kind: 'unreadable', sha256, reason: 'file_unreadable', message: why.message };
  }
}

/**
 * Returns the error for a file that this user may not open. Failures in the scratch folder concern
 * all objects and are thrown.
 */
function forbidden(error: unknown, path: string): Unreadable | undefined {
  const { code, path: at } = Object(error) as { code?: unknown; path?: unknown };
  if (at !== path || (code !== 'EACCES' && code !== 'EPERM')) return undefined;
  return new Unreadable(
    'This user may not read the file. Grant it read permission (chmod u+r) and run again, or remove the file from bronze/.',
  );
}

/** Yields the object's bytes, always in the same buffer. */
function objectBytes(
  { path, maxInflation, size = Infinity, chunkSize = CHUNK }: ScanOptions,
  packed: boolean,
): AsyncIterable<Buffer> {
  if (packed) return gunzipChecked(path, maxInflation, chunkSize);
  // A buffer of a megabyte for each of ten thousand small files cost more time in garbage
  // collection than reading the files.
  return fileBytes(path, Math.min(chunkSize, Math.max(1, size)), size);
}

async function refusal(work: Promise<void>): Promise<Unreadable | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

/**
 * Decodes bytes to text, writes the text to a copy where needed, and reads it by its format.
 */
function createContent(options: ScanOptions, type: 'csv' | 'json', copy: TextCopy) {
  const decoder = createDecoder(options.format.encoding);
  const csv = createCsvReading(options.format.delimiter);
  const json = createJsonReading();
  const reading = type === 'csv' ? csv : json;

  async function take(text: Buffer): Promise<void> {
    if (text.length === 0) return;
    reading.push(text);
    await copy.write(text, decoder.found()?.asIs ?? false);
  }

  return {
    push: async (chunk: Buffer) => take(decoder.push(chunk)),
    async finish(sha256: string, bytes: number): Promise<Scan> {
      await take(decoder.end());
      const readable = {
        sha256,
        bytes,
        text: await copy.close(),
        bom: decoder.found()?.bom ?? false,
      };
      const report =
        type === 'csv'
          ? await csv.finish(readable.text, options.chunkSize ?? CHUNK)
          : json.finish();
      if (report === undefined) {
        await copy.discard();
        return { kind: 'empty', sha256, bytes };
      }
      refuseHuge(report.longestRow);
      return 'layout' in report
        ? { kind: 'json', ...readable, ...report }
        : { kind: 'csv', ...readable, ...report };
    },
  };
}

function refuseHuge(longestRow: number): void {
  if (longestRow <= LONGEST_ROW) return;
  throw new Unreadable(
    `A row of ${longestRow} bytes is longer than the ${LONGEST_ROW} that a row may have. Is a quote or a line end missing?`,
  );
}

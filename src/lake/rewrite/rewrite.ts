import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { BronzeChanged, EraseRefused } from '../../errors.ts';
import { sourceColumns } from '../../medallion/columns.ts';
import type { Source } from '../../medallion/source.ts';
import { gunzipChecked } from '../text/gunzip.ts';
import { type CsvScan, type JsonScan, type Scan, scanObject } from '../bronze/scan.ts';
import { openText } from '../text/text-file.ts';
import { BRONZE } from '../layout.ts';
import type { BronzeToSilverInput, Workspace } from '../ports/engine.ts';
import type { Removal } from '../erase/decide.ts';
import { spellingOf } from './encode.ts';
import { noteErased } from './erased-rows.ts';
import type { Hash } from '../erase/tombstones.ts';
import { type RowsToRemove, withoutRows } from './without-rows.ts';

/**
 * A rewritten bronze object: `rows` were removed, in `lines` only personal columns were blanked.
 */
export type Rewrite = { object: string; rows: number; lines: number };

export type RewriteContext = { workspace: Workspace; hash: Hash };

export const rewriteOf = ({ object, rows, lines }: Removal): Rewrite => ({
  object: object.key,
  rows: rows.size,
  lines: lines.size,
});

/**
 * Rewrites a bronze object without the rows, in its own encoding and compression and with its
 * last-modified time, so that the remaining rows keep their order of arrival. The removed rows are
 * recorded first. Errors: `EraseRefused` where the rest would be read differently, `BronzeChanged`.
 */
export async function rewriteObject(
  { workspace, hash }: RewriteContext,
  limits: BronzeToSilverInput['limits'],
  removal: Removal,
): Promise<void> {
  const { store, scratch } = workspace;
  const { object } = removal;
  const { source } = object;
  const key = `${BRONZE}${object.key}`;
  const path = await store.local(key, scratch);
  const scanOf = (at: string): Promise<Scan> =>
    scanObject({
      path: at,
      key: object.key,
      format: source?.format ?? {},
      maxInflation: limits.maxInflation,
      scratch,
    });
  const scan = await scanOf(path);
  if (source === null || (scan.kind !== 'csv' && scan.kind !== 'json'))
    throw new Error(`rows were found in ${object.key}, which has none`);
  const rows = new Set(removal.rows.keys());
  const toRemove = { rows, blanked: removal.lines };
  const rewritten = join(scratch, `rewritten${/\.gz$/i.exec(object.key)?.[0] ?? ''}`);
  await write(path, rewritten, scan, limits, textOf(source, scan, toRemove, hash), source);
  const after = await scanOf(rewritten);
  if (after.sha256 === undefined || !isSame(scan, after, scan.rows - rows.size))
    throw refused(removal);
  if ((await store.head(key))?.etag !== object.etag) throw changed(object.key);
  const rejected = [...removal.rows.values()].filter((row) => row.rejected).length;
  await noteErased(store, object, scan.sha256, { sha256: after.sha256, rows: rows.size, rejected });
  await store.put(key, { file: rewritten }, { modified: object.modified });
  await rm(rewritten);
}

/**
 * The text without the rows. Where purchases are identified by their object's content, a last line
 * of blanks and tabs, derived from the content before the first erasure, distinguishes it from
 * another object that is equal without those rows; otherwise the purchases of one would count as
 * copies of the other's. A later erasure keeps that line, so that a copy of the object that is sent
 * again and loses all rows at once is still a copy.
 */
async function* textOf(
  source: Source,
  scan: CsvScan | JsonScan,
  toRemove: RowsToRemove,
  hash: Hash,
): AsyncGenerator<string> {
  let last = '\n';
  for await (const text of withoutRows(scan, toRemove, sourceColumns(source))) {
    yield text;
    last = text.at(-1) ?? last;
  }
  if (source.fields.purchase_id !== undefined) return;
  const known = await markOf(scan.text);
  // CSV is kept byte for byte, including the mark.
  if (known !== undefined && scan.kind === 'csv') return;
  const end = scan.kind === 'json' ? '\n' : (LINE_ENDS[scan.lineEnds] ?? '\n');
  yield `${/[\r\n]/.test(last) ? '' : end}${known ?? newMark(scan.sha256, hash)}${end}`;
}

const MARK_BITS = 64;

function newMark(content: string, hash: Hash): string {
  const digits = hash('purchase', content).slice(0, MARK_BITS / 4);
  const bits = BigInt(`0x1${digits}`).toString(2).slice(1);
  return bits.replaceAll('0', ' ').replaceAll('1', '\t');
}

/** Returns the mark that an earlier erasure wrote at the end of a text. */
async function markOf(path: string): Promise<string | undefined> {
  await using file = await openText(path);
  const start = Math.max(0, file.size - MARK_BITS - 4);
  const tail = (await file.read(start, file.size - start)).toString('latin1');
  return /(?:^|[\r\n])([ \t]{64})[\r\n]+$/.exec(tail)?.[1];
}

const LINE_ENDS: Record<string, string> = { crlf: '\r\n', cr: '\r' };

async function write(
  original: string,
  path: string,
  scan: CsvScan | JsonScan,
  { maxInflation }: BronzeToSilverInput['limits'],
  text: AsyncGenerator<string>,
  { format }: Source,
): Promise<void> {
  const packed = /\.gz$/i.test(path);
  const start = await startOf(original, packed, maxInflation);
  const spelling = spellingOf(scan.bom ? start : Buffer.alloc(0), format.encoding);
  async function* bytes(): AsyncGenerator<Buffer> {
    yield spelling.bom;
    for await (const piece of text) yield spelling.encode(piece);
  }
  const target = createWriteStream(path);
  if (packed) await pipeline(Readable.from(bytes()), createGzip(), target);
  else await pipeline(Readable.from(bytes()), target);
}

async function startOf(path: string, packed: boolean, maxInflation: number): Promise<Buffer> {
  if ((await stat(path)).size === 0) return Buffer.alloc(0);
  const chunks = packed
    ? gunzipChecked(path, maxInflation, 1 << 16)
    : createReadStream(path, { end: 3 });
  for await (const chunk of chunks) return chunk as Buffer;
  return Buffer.alloc(0);
}

/** True where the rest of an object is read as before: the expected rows, the same format. */
function isSame(before: CsvScan | JsonScan, after: Scan, rows: number): boolean {
  if (rows === 0 && after.kind === 'empty') return true;
  if (before.kind === 'csv')
    return (
      after.kind === 'csv' &&
      after.rows === rows &&
      after.delimiter === before.delimiter &&
      after.columns === before.columns
    );
  // A single object over several lines and a file of one line are both one row.
  return after.kind === 'json' && after.rows === rows;
}

const changed = (key: string): BronzeChanged =>
  new BronzeChanged(`${key} changed while it was read.`, {
    hint: 'Run the command again: it uses the current content.',
  });

const refused = ({ object: { key }, rows }: Removal): EraseRefused =>
  new EraseRefused(
    `${key} cannot be written without row ${[...rows.keys()].slice(0, 5).join(', ')}: its other rows would be read differently.`,
    {
      hint: 'Remove the row from the file manually, or the file from bronze, then erase again.',
    },
  );

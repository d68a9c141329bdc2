import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { BronzeChanged, EraseRefused } from '../../errors.ts';
import { personColumns } from '../../medallion/columns.ts';
import type { Source } from '../../medallion/source.ts';
import { gunzipChecked } from '../bronze/gunzip.ts';
import { type CsvScan, type JsonScan, type Scan, scanObject } from '../bronze/scan.ts';
import { BRONZE } from '../layout.ts';
import type { BronzeToSilverTask, ObjectToMake, Workplace } from '../ports/engine.ts';
import type { Finder, FoundRow, Wanted } from '../ports/finder.ts';
import { spellingOf } from './encode.ts';
import type { Hash } from './tombstones.ts';
import { type Doomed, withoutRows } from './without-rows.ts';

/** A bronze object that was written anew: `rows` went, of `lines` only what tells who somebody is. */
export type Rewrite = { object: string; rows: number; lines: number };

export type RewriteOn = { work: Workplace; finder: Finder; hash: Hash };

/** The objects that name whom is wanted, with the rows that do. */
export async function findRows(
  { work, finder }: Pick<RewriteOn, 'work' | 'finder'>,
  task: BronzeToSilverTask,
  wanted: Wanted,
): Promise<{ object: ObjectToMake; found: FoundRow[] }[]> {
  const all = await finder.rows(work, task, wanted);
  const byObject = new Map<string, FoundRow[]>();
  for (const found of all) {
    const rows = byObject.get(found.object);
    if (rows === undefined) byObject.set(found.object, [found]);
    else rows.push(found);
  }
  return task.objects.flatMap((object) => {
    const found = byObject.get(object.key);
    return found === undefined ? [] : [{ object, found }];
  });
}

export const rewriteOf = (object: ObjectToMake, found: readonly FoundRow[]): Rewrite => {
  const rows = found.filter(({ theirs }) => theirs).length;
  return { object: object.key, rows, lines: found.length - rows };
};

/**
 * Writes a bronze object once more without the rows, in its own encoding and compression and with its last-modified time, so that what is left arrives
 * as it did. Errors: `EraseRefused` where the rest would be read as something else, `BronzeChanged`.
 */
export async function rewriteObject(
  { work, hash }: RewriteOn,
  limits: BronzeToSilverTask['limits'],
  object: ObjectToMake,
  found: readonly FoundRow[],
): Promise<void> {
  const { store, scratch } = work;
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
  const doomed = doomedOf(source, found);
  const rewritten = join(scratch, `rewritten${/\.gz$/i.exec(object.key)?.[0] ?? ''}`);
  await write(path, rewritten, scan, limits, textOf(source, scan, doomed, hash), source);
  const left = scan.rows - doomed.rows.size;
  if (!isSame(scan, await scanOf(rewritten), left)) throw refused(object.key, found);
  if ((await store.head(key))?.etag !== object.etag) throw changed(object.key);
  await store.put(key, { file: rewritten }, { modified: object.modified });
  await rm(rewritten);
}

function doomedOf(source: Source, found: readonly FoundRow[]): Doomed {
  const rows = (theirs: boolean): Set<number> =>
    new Set(found.filter((one) => one.theirs === theirs).map(({ row }) => row));
  return { rows: rows(true), blanked: rows(false), columns: personColumns(source) };
}

/**
 * The text without the rows. Where purchases are known by their object's content, a last line of blanks and tabs tells it from another
 * object that is the same without the rows: else the purchases of one would be taken for copies of the other's.
 */
async function* textOf(
  source: Source,
  scan: CsvScan | JsonScan,
  doomed: Doomed,
  hash: Hash,
): AsyncGenerator<string> {
  let last = '\n';
  for await (const text of withoutRows(scan, doomed)) {
    yield text;
    last = text.at(-1) ?? last;
  }
  if (source.fields.purchase_id !== undefined) return;
  const end = scan.kind === 'json' ? '\n' : (LINE_ENDS[scan.lineEnds] ?? '\n');
  const bits = BigInt(`0x1${hash('purchase', scan.sha256).slice(0, 16)}`)
    .toString(2)
    .slice(1);
  const mark = bits.replaceAll('0', ' ').replaceAll('1', '\t');
  yield `${/[\r\n]/.test(last) ? '' : end}${mark}${end}`;
}

const LINE_ENDS: Record<string, string> = { crlf: '\r\n', cr: '\r' };

async function write(
  original: string,
  path: string,
  scan: CsvScan | JsonScan,
  { maxInflation }: BronzeToSilverTask['limits'],
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

/** Whether what is left of an object is read as it was: as many rows, found in the same way. */
function isSame(before: CsvScan | JsonScan, after: Scan, rows: number): boolean {
  if (rows === 0 && after.kind === 'empty') return true;
  if (before.kind === 'csv')
    return (
      after.kind === 'csv' &&
      after.rows === rows &&
      after.delimiter === before.delimiter &&
      after.columns === before.columns
    );
  // One object over several lines is one row, and a file of one line either.
  return after.kind === 'json' && after.rows === rows;
}

const changed = (key: string): BronzeChanged =>
  new BronzeChanged(`${key} changed while it was read.`, {
    hint: 'Run the command again: it goes on with what is there now.',
  });

const refused = (key: string, found: readonly FoundRow[]): EraseRefused =>
  new EraseRefused(
    `${key} cannot be written without row ${found
      .slice(0, 5)
      .map(({ row }) => row)
      .join(', ')}: its other rows would be read as something else.`,
    {
      hint: 'Take the row out of the file by hand, or the file out of bronze, then erase once more.',
    },
  );

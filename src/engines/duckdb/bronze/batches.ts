import type { Prepared } from './prepare.ts';

/** Bytes after which a batch is closed: one statement reads a batch, so this limits memory. */
const BATCH_BYTES = 64 << 20;
const BATCH_OBJECTS = 2_000;
/** Objects up to this size share a batch regardless of their ingestion dates. */
const SMALL_BYTES = 1 << 20;
const SMALL_BATCH_BYTES = 8 << 20;
/** Limit of days in a batch: each open output file takes half a megabyte of memory. */
const SMALL_BATCH_DAYS = 64;
/** Limit of open batches: each keeps texts in the scratch folder. */
const OPEN_BATCHES = 16;
/** DuckDB's CSV reader keeps a whole line in memory; objects with longer lines are tokenised. */
const LONGEST_LINE = 1 << 20;

/**
 * Reader of an object's rows, chosen by `readerOf` alone:
 * - `plain`: lines of CSV without quotes, by DuckDB's CSV reader (`plainRows`);
 * - `tokenised`: other CSV, by regular expressions; the host splits rows of over 1,000 columns
 *   (`tokenisedRows`);
 * - `json`: JSON objects (`loadJsonRows`, `jsonRows`);
 * - `done`: none, the object has no rows to read.
 */
export type RowReader = 'done' | 'plain' | 'tokenised' | 'json';

/** Objects that one statement reads, written as one silver and one quarantine file for each day. */
export type Batch = { reader: RowReader; members: Prepared[] };

/**
 * Groups objects that one statement can read: same rules and, in CSV, same header and reader; large
 * objects also have the same day. Planning the rules takes about 50 ms regardless of the rows, so
 * the small objects of a thousand days must not need a thousand statements.
 */
export async function* inBatches(prepared: AsyncIterable<Prepared>): AsyncGenerator<Batch> {
  const open = new Map<string, OpenBatch>();
  for await (const member of prepared) {
    const reader = readerOf(member);
    const signature = signatureOf(reader, member);
    const openBatch = open.get(signature);
    const fits = openBatch === undefined || hasRoom(openBatch, member);
    // The caller owns a yielded batch: several are read in parallel.
    if (!fits) yield openBatch;
    const batch: OpenBatch =
      fits && openBatch !== undefined
        ? openBatch
        : { reader, members: [], bytes: 0, days: new Set<string>() };
    batch.members.push(member);
    batch.bytes += member.bytes;
    batch.days.add(member.object.ingestionDate);
    // Moves the batch to the end: the least recently extended one is closed first.
    open.delete(signature);
    open.set(signature, batch);
    const isFull = batch.bytes >= mostBytes(member) || batch.members.length >= BATCH_OBJECTS;
    const [closing] = isFull ? [signature] : open.size > OPEN_BATCHES ? open.keys() : [];
    const closed = closing === undefined ? undefined : open.get(closing);
    if (closing === undefined || closed === undefined) continue;
    open.delete(closing);
    yield closed;
  }
  yield* open.values();
}

type OpenBatch = Batch & { bytes: number; days: Set<string> };

const mostBytes = (member: Prepared): number => (isSmall(member) ? SMALL_BATCH_BYTES : BATCH_BYTES);

const hasRoom = (batch: OpenBatch, member: Prepared): boolean =>
  batch.bytes + member.bytes <= mostBytes(member) &&
  (batch.days.size < SMALL_BATCH_DAYS || batch.days.has(member.object.ingestionDate));

function readerOf(member: Prepared): RowReader {
  if (member.kind !== 'csv') return member.kind;
  const { quotes, marks, lineEnds, longestRow, bodyStart, headerInLine } = member.scan;
  const isShort = longestRow < LONGEST_LINE && bodyStart < LONGEST_LINE;
  // DuckDB's CSV reader skips exactly one line as the header.
  const plain = !quotes && !marks && lineEnds !== 'mixed' && isShort && headerInLine;
  return plain ? 'plain' : 'tokenised';
}

const isSmall = ({ bytes }: Prepared): boolean => bytes <= SMALL_BYTES;

function signatureOf(reader: RowReader, member: Prepared): string {
  if (reader === 'done') return reader;
  const { rules } = member.object;
  const day = isSmall(member) ? 'any' : member.object.ingestionDate;
  if (member.kind !== 'csv') return JSON.stringify([reader, day, rules]);
  const { delimiter, lineEnds, header } = member.scan;
  const ends = reader === 'plain' ? lineEnds : '';
  return JSON.stringify([reader, day, rules, delimiter, ends, header]);
}

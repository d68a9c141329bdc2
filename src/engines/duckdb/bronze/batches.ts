import type { Prepared } from './prepare.ts';

/**
 * A batch of several objects is read by one statement; past this many bytes the next one begins,
 * which keeps memory flat.
 */
const BATCH_BYTES = 64 << 20;
const BATCH_OBJECTS = 2_000;
/** Objects up to this size are joined whatever their days, as many as are cleaned at once. */
const SMALL_BYTES = 1 << 20;
const SMALL_BATCH_BYTES = 8 << 20;
/** Each day is a file of its own that is written beside the others: half a megabyte of memory. */
const SMALL_BATCH_DAYS = 64;
/** Batches that wait for more of their kind: each holds texts in the scratch folder. */
const OPEN_BATCHES = 16;
/** DuckDB holds a line whole: longer ones go through the tokeniser. */
const LONGEST_LINE = 1 << 20;

/** Objects that are read and written together: one silver file, one quarantine file. */
export type Batch = { reader: 'done' | 'plain' | 'tokenised' | 'json'; members: Prepared[] };

/**
 * Joins objects that one statement can read: same rules and, in CSV, header and kind of text; large
 * ones of one day. Planning the rules costs some 50 ms whatever the rows are, so the small objects
 * of a thousand days must not be a thousand statements.
 */
export async function* inBatches(prepared: AsyncIterable<Prepared>): AsyncGenerator<Batch> {
  const open = new Map<string, OpenBatch>();
  for await (const member of prepared) {
    const reader = readerOf(member);
    const signature = signatureOf(reader, member);
    const openBatch = open.get(signature);
    const fits = openBatch === undefined || hasRoom(openBatch, member);
    // What was yielded is another's: several are read side by side.
    if (!fits) yield openBatch;
    const batch: OpenBatch =
      fits && openBatch !== undefined
        ? openBatch
        : { reader, members: [], bytes: 0, days: new Set<string>() };
    batch.members.push(member);
    batch.bytes += member.bytes;
    batch.days.add(member.object.ingestionDate);
    // The batch that was added to last is the last to be closed.
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

function readerOf(member: Prepared): Batch['reader'] {
  if (member.kind !== 'csv') return member.kind;
  const { quotes, marks, lineEnds, longestRow, bodyStart, headerInLine } = member.scan;
  const isShort = longestRow < LONGEST_LINE && bodyStart < LONGEST_LINE;
  // DuckDB's reader skips just the first line.
  const plain = !quotes && !marks && lineEnds !== 'mixed' && isShort && headerInLine;
  return plain ? 'plain' : 'tokenised';
}

const isSmall = ({ bytes }: Prepared): boolean => bytes <= SMALL_BYTES;

function signatureOf(reader: Batch['reader'], member: Prepared): string {
  if (reader === 'done') return reader;
  const { rules } = member.object;
  const day = isSmall(member) ? 'any' : member.object.ingestionDate;
  if (member.kind !== 'csv') return JSON.stringify([reader, day, rules]);
  const { delimiter, lineEnds, header } = member.scan;
  const ends = reader === 'plain' ? lineEnds : '';
  return JSON.stringify([reader, day, rules, delimiter, ends, header]);
}

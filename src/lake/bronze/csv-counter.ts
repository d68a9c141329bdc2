import { byteSet } from '../text/byte-set.ts';
import { Unreadable } from '../text/unreadable.ts';

const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22];
const [TAB, BLANK] = [0x09, 0x20];

/** Bits of `lineEnds`; a text may hold several kinds. */
export const LINE_END = { lf: 1, crlf: 2, cr: 4 } as const;

/** Marks a malformed record: more fields than any header. */
const BROKEN = 1 << 30;

/**
 * In some texts an unclosed quote is retried at every line (a file of n columns can be read n
 * times). Above this number of bytes read again the object is rejected, rather than read for hours.
 */
const REREAD_FLOOR = 1 << 30;
const REREAD_FACTOR = 8;

/**
 * Facts about the records that have ended. `rows` counts data rows, including malformed ones, but
 * not lines of blanks and tabs.
 */
export type CsvFacts = {
  rows: number;
  /** True where a `"` occurs after the header. */
  quotes: boolean;
  /** True where a `"` occurs inside a field that does not begin with one. */
  plainQuotes: boolean;
  /** A sum of `LINE_END`: every line end seen, those in quotes too. */
  lineEnds: number;
  /** Bytes of the longest record, including blank lines, with or without its line end. */
  longestRow: number;
};

/**
 * Splits text that follows a header into records of n columns: quoted or plain fields, ended by
 * CRLF, CR, LF or the end of the text; where that does not hold, one line is a malformed row and
 * reading resumes at the next.
 */
export type CsvCounter = {
  readonly facts: CsvFacts;
  /**
   * Returns the offset of the record being read: all bytes before it belong to ended records.
   */
  recordStart(): number;
  /**
   * Reads `chunk`, which begins at `offset`, and returns the offset to continue from: the chunk's
   * end, a byte less where the next byte decides, or an earlier offset where a record that began
   * before the chunk is malformed. After the `final` chunk counting is complete once `recordStart`
   * is the text's end.
   */
  push(chunk: Buffer, offset: number, final: boolean): number;
};

type State = {
  readonly columns: number;
  readonly separator: number;
  readonly facts: CsvFacts;
  recordStart: number;
  fieldStart: number;
  fields: number;
  quoted: boolean;
  /** True where an earlier chunk held characters of this record other than blanks and tabs. */
  ink: boolean;
  /** Offset of the second line of a record that spans lines, or -1. */
  secondLine: number;
  reread: number;
};

/** A piece of the text: `end` bytes at `offset`. */
type Piece = {
  readonly chunk: Buffer;
  readonly end: number;
  readonly offset: number;
  readonly final: boolean;
};

/** Returned where the byte after the chunk decides. */
const WAIT = Number.MAX_SAFE_INTEGER;

export function createCsvCounter(columns: number, delimiter: string, start: number): CsvCounter {
  const separator = delimiter.charCodeAt(0);
  const outside = byteSet(separator, QUOTE, LF, CR);
  const inside = byteSet(QUOTE, LF, CR);
  const facts: CsvFacts = {
    rows: 0,
    quotes: false,
    plainQuotes: false,
    lineEnds: 0,
    longestRow: 0,
  };
  const state: State = { columns, separator, facts, reread: 0, ...newRecord(start) };

  function push(chunk: Buffer, offset: number, final: boolean): number {
    const end = chunk.length;
    const piece: Piece = { chunk, end, offset, final };
    // Native search decides in a twentieth of the time whether the faster loop applies.
    const plain = !state.quoted && !chunk.includes(QUOTE);
    let at = plain ? readPlain(state, piece) : 0;
    if (at < 0) return offset + at;
    for (;;) {
      const table = state.quoted ? inside : outside;
      while (at < end && table[chunk[at] as number] === 0) at++;
      if (at >= end && (!final || state.recordStart === offset + end)) break;
      const next = at >= end ? endText(state, piece) : readMark(state, piece, at);
      if (next === WAIT) break;
      if (next < 0) return offset + next;
      at = next;
    }
    state.ink ||= !isBlank(chunk, state.recordStart - offset, at);
    return offset + at;
  }

  return { facts, recordStart: () => state.recordStart, push };
}

function newRecord(start: number) {
  return {
    recordStart: start,
    fieldStart: start,
    fields: 1,
    quoted: false,
    ink: false,
    secondLine: -1,
  };
}

/**
 * Reads a piece without quotes, except for a line end that the next byte decides; returns like
 * `readMark`. Line ends are found by native search, and delimiters are counted only before the
 * first and after the last of them: a line without a quote is one row with any content.
 */
function readPlain(state: State, piece: Piece): number {
  const { chunk, end, offset } = piece;
  let at = 0;
  let feed = -1;
  let carriage = -1;
  for (let isFirst = true; ; isFirst = false) {
    if (feed < at) feed = found(chunk, LF, at);
    if (carriage < at) carriage = found(chunk, CR, at);
    const stop = Math.min(feed, carriage);
    if (isFirst || stop === end) state.fields += count(chunk, state.separator, at, stop);
    if (stop === end) break;
    const next = readLineEnd(state, piece, stop);
    if (next === WAIT) return stop;
    if (next < 0) return next;
    at = next;
  }
  if (chunk[end - 1] === state.separator) state.fieldStart = offset + end;
  return end;
}

function found(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}

function count(chunk: Buffer, byte: number, from: number, to: number): number {
  let counted = 0;
  for (let at = from; at < to; at++) counted += chunk[at] === byte ? 1 : 0;
  return counted;
}

/**
 * Reads the delimiter, quote or line end at `at`; returns the position to continue from, negative
 * for one before the chunk.
 */
function readMark(state: State, piece: Piece, at: number): number {
  const byte = piece.chunk[at];
  if (byte === state.separator) {
    state.fields += 1;
    state.fieldStart = piece.offset + at + 1;
    return at + 1;
  }
  return byte === QUOTE ? readQuote(state, piece, at) : readLineEnd(state, piece, at);
}

function readQuote(state: State, { chunk, end, offset, final }: Piece, at: number): number {
  state.facts.quotes = true;
  if (!state.quoted) {
    if (state.fields <= state.columns && state.fieldStart === offset + at) state.quoted = true;
    else state.facts.plainQuotes = true;
    return at + 1;
  }
  if (at + 1 === end && !final) return WAIT;
  const following = chunk[at + 1];
  if (following === QUOTE) return at + 2;
  state.quoted = false;
  if (
    following === undefined ||
    following === state.separator ||
    following === LF ||
    following === CR
  )
    return at + 1;
  state.fields = BROKEN;
  return state.secondLine < 0 ? at + 1 : endRecord(state, offset + at, offset + at, false) - offset;
}

function readLineEnd(state: State, { chunk, end, offset, final }: Piece, at: number): number {
  const returns = chunk[at] === CR;
  if (returns && at + 1 === end && !final) return WAIT;
  const next = returns && chunk[at + 1] === LF ? at + 2 : at + 1;
  state.facts.lineEnds |= !returns ? LINE_END.lf : next === at + 2 ? LINE_END.crlf : LINE_END.cr;
  if (state.quoted) {
    if (state.secondLine < 0) state.secondLine = offset + next;
    return next;
  }
  const blank = !state.ink && isBlank(chunk, state.recordStart - offset, at);
  return endRecord(state, offset + at, offset + next, blank) - offset;
}

/** Ends the last record, which has no line end. */
function endText(state: State, { chunk, end, offset }: Piece): number {
  if (state.quoted) state.fields = BROKEN;
  const blank = !state.ink && isBlank(chunk, state.recordStart - offset, end);
  return endRecord(state, offset + end, offset + end, blank) - offset;
}

/**
 * Ends the record before `contentEnd`; returns the offset to continue from: `next`, or the second
 * line of a malformed record.
 */
function endRecord(state: State, contentEnd: number, next: number, blank: boolean): number {
  const { facts } = state;
  const good = state.fields === state.columns;
  const resume = good || state.secondLine < 0 ? next : state.secondLine;
  if (!blank) facts.rows += 1;
  facts.longestRow = Math.max(facts.longestRow, (good ? contentEnd : resume) - state.recordStart);
  state.reread += next - resume;
  if (state.reread > REREAD_FLOOR + REREAD_FACTOR * next) throw tangled(facts.rows);
  state.recordStart = state.fieldStart = resume;
  state.fields = 1;
  state.quoted = state.ink = false;
  state.secondLine = -1;
  return resume;
}

function isBlank(chunk: Buffer, from: number, to: number): boolean {
  for (let at = Math.max(0, from); at < to; at++) {
    if (chunk[at] !== BLANK && chunk[at] !== TAB) return false;
  }
  return true;
}

function tangled(row: number): Unreadable {
  return new Unreadable(
    `Quotes open and do not close at so many rows (the last seen is row ${row}) that the rows cannot be separated. Correct the quotes.`,
  );
}

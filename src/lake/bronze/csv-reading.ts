import { normaliseName } from '../../medallion/fields/column-names.ts';
import { createCsvCounter, LINE_END, type CsvCounter } from './csv-counter.ts';
import { findHeader, type Delimiter, type Header } from './csv-header.ts';
import { readRecords } from './csv-slices.ts';
import { openText } from '../text/text-file.ts';

export type LineEnds = 'lf' | 'crlf' | 'cr' | 'mixed' | 'none';

/** Facts about a CSV text. Offsets are of the text. */
export type CsvReport = {
  delimiter: Delimiter;
  /** Names as written, unquoted. */
  header: string[];
  /** The same names, normalised for matching columns. */
  names: string[];
  columns: number;
  /** Offset of the first record after the header. */
  bodyStart: number;
  /** True where the header is the text's first line. */
  headerInLine: boolean;
  /** Data rows: malformed ones are counted, lines of blanks and tabs are not. */
  rows: number;
  /** True where a `"` occurs after the header. */
  quotes: boolean;
  /** True where a `"` occurs inside a field that does not begin with one. */
  plainQuotes: boolean;
  /**
   * True where the control character U+0001 occurs. Engines use it in marks that must not occur in
   * the text.
   */
  marks: boolean;
  /** Kind of all line ends, including the header's and those in quotes. */
  lineEnds: LineEnds;
  /** Bytes of the longest row, with or without its line end. */
  longestRow: number;
};

/**
 * Reads a text in order and keeps no reference to the chunks. `finish` returns undefined where
 * there is no header.
 */
export type CsvReading = {
  push(text: Buffer): void;
  finish(path: string, chunkSize: number): Promise<CsvReport | undefined>;
};

const NONE = Buffer.alloc(0);
const MARK = 0x01;

/**
 * Reads a CSV text once, as a stream; only where a record that began before the current chunk is
 * malformed, the rest is read again from the file. Throws `Unreadable` where the header's quotes
 * are wrong.
 */
export function createCsvReading(declared: Delimiter | undefined): CsvReading {
  /** Bytes not counted yet: the start of the header, or a byte that the next one decides. */
  let held: Buffer = NONE;
  let offset = 0;
  let enough = 0;
  let head: { found: Header; inLine: boolean; counter: CsvCounter } | undefined;
  let stalled = false;
  let marks = false;

  function seekHeader(final: boolean): void {
    if (!final && held.length < enough) return;
    enough = held.length * 2;
    const found = findHeader(held, final, declared);
    if (found === undefined || found === 'none') return;
    const counter = createCsvCounter(found.names.length, found.delimiter, found.end);
    const text = held.toString('latin1', 0, found.end);
    counter.facts.lineEnds = lineEndsIn(text);
    head = { found, counter, inLine: ONE_LINE.test(text) };
    held = held.subarray(found.end);
    offset = found.end;
  }

  function count(counter: CsvCounter, final: boolean): void {
    const next = counter.push(held, offset, final);
    stalled = next < offset;
    held = stalled ? NONE : held.subarray(next - offset);
    offset = next;
  }

  return {
    push(text) {
      marks ||= text.includes(MARK);
      if (stalled) return;
      held = held.length === 0 ? text : Buffer.concat([held, text]);
      if (head === undefined) seekHeader(false);
      if (head !== undefined) count(head.counter, false);
      held = Buffer.from(held);
    },
    async finish(path, chunkSize) {
      if (head === undefined) seekHeader(true);
      if (head === undefined) return undefined;
      if (!stalled) count(head.counter, true);
      await countRest(head.counter, path, chunkSize);
      return { ...report(head.found, head.counter), headerInLine: head.inLine, marks };
    },
  };
}

async function countRest(counter: CsvCounter, path: string, chunkSize: number): Promise<void> {
  await using file = await openText(path);
  const records = readRecords(file, counter, chunkSize);
  while (!(await records.next()).done);
}

function report(header: Header, counter: CsvCounter): Omit<CsvReport, 'marks' | 'headerInLine'> {
  const { facts } = counter;
  return {
    delimiter: header.delimiter,
    header: header.names,
    names: header.names.map(normaliseName),
    columns: header.names.length,
    bodyStart: header.end,
    rows: facts.rows,
    quotes: facts.quotes,
    plainQuotes: facts.plainQuotes,
    lineEnds: lineEndsName(facts.lineEnds),
    longestRow: facts.longestRow,
  };
}

const ONE_LINE = /^[^\r\n]*(?:\r\n|\r|\n)?$/;

function lineEndsIn(text: string): number {
  return (
    (/(?<!\r)\n/.test(text) ? LINE_END.lf : 0) |
    (text.includes('\r\n') ? LINE_END.crlf : 0) |
    (/\r(?!\n)/.test(text) ? LINE_END.cr : 0)
  );
}

function lineEndsName(seen: number): LineEnds {
  if (seen === 0) return 'none';
  if (seen === LINE_END.lf) return 'lf';
  if (seen === LINE_END.crlf) return 'crlf';
  return seen === LINE_END.cr ? 'cr' : 'mixed';
}

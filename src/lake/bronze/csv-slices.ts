import { createCsvCounter, type CsvCounter } from './csv-counter.ts';
import { openText, type TextFile } from '../text/text-file.ts';

/** Whole records of a CSV text, header left out. */
export type CsvSlice = {
  text: string;
  /** Number of the first row in it, 1 being the first data row of the object. */
  firstRow: number;
  /** Rows in it, malformed ones among them, lines of blanks and tabs not. */
  rows: number;
};

/** What `scanObject` found out that slicing needs. */
export type CsvText = { text: string; columns: number; delimiter: string; bodyStart: number };

const CHUNK = 1 << 20;
const SLICE = 8 << 20;

/**
 * The text after the header in slices of whole records, each at most `maxBytes` unless one record
 * is larger. A slice split into records by itself gives the rows that the whole text gives: every
 * cut is after a record that surely ended.
 */
export async function* csvSlices(
  csv: CsvText,
  options: { maxBytes?: number } = {},
): AsyncGenerator<CsvSlice> {
  const maxBytes = options.maxBytes ?? SLICE;
  const chunk = Math.min(CHUNK, maxBytes >> 3);
  await using file = await openText(csv.text);
  const counter = createCsvCounter(csv.columns, csv.delimiter, csv.bodyStart);
  let from = csv.bodyStart;
  let rowsBefore = 0;
  for await (const read of readRecords(file, counter, chunk)) {
    const upTo = counter.recordStart();
    if (read - from + chunk <= maxBytes && upTo < file.size) continue;
    const rows = counter.facts.rows - rowsBefore;
    if (rows > 0) {
      yield {
        text: (await file.read(from, upTo - from)).toString('utf8'),
        firstRow: rowsBefore + 1,
        rows,
      };
    }
    from = upTo;
    rowsBefore += rows;
  }
}

/**
 * Reads on from where the counter's record began, to the end of the text, going back where a record
 * went wrong. Answers after every chunk the offset that is read next.
 */
export async function* readRecords(
  file: TextFile,
  counter: CsvCounter,
  chunkSize: number,
): AsyncGenerator<number> {
  let offset = counter.recordStart();
  while (counter.recordStart() < file.size) {
    // Two bytes at least: one that the next decides would be read for ever.
    const chunk = await file.read(offset, Math.max(2, chunkSize));
    offset = counter.push(chunk, offset, offset + chunk.length === file.size);
    yield offset;
  }
}

import { createCsvCounter, type CsvCounter } from './csv-counter.ts';
import { openText, type TextFile } from '../text/text-file.ts';

/** Whole records of a CSV text, without the header. */
export type CsvSlice = {
  text: string;
  /** Number of the slice's first row; 1 is the first data row of the object. */
  firstRow: number;
  /** Number of rows, including malformed ones, but not lines of blanks and tabs. */
  rows: number;
};

/** Results of `scanObject` that slicing needs. */
export type CsvText = { text: string; columns: number; delimiter: string; bodyStart: number };

const CHUNK = 1 << 20;
const SLICE = 8 << 20;

/**
 * Yields the text after the header in slices of whole records, each at most `maxBytes` unless one
 * record is larger. Every slice ends after an ended record, so splitting each slice into records
 * results in the same rows as splitting the whole text.
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
 * Reads from the counter's current record to the end of the text, going back where a record is
 * malformed. Yields the next offset after every chunk.
 */
export async function* readRecords(
  file: TextFile,
  counter: CsvCounter,
  chunkSize: number,
): AsyncGenerator<number> {
  let offset = counter.recordStart();
  while (counter.recordStart() < file.size) {
    // At least two bytes: a single byte that the next one decides would be read forever.
    const chunk = await file.read(offset, Math.max(2, chunkSize));
    offset = counter.push(chunk, offset, offset + chunk.length === file.size);
    yield offset;
  }
}

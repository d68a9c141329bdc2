import { csvRecords } from './csv-records.ts';
import { csvSlices } from './csv-slices.ts';
import { type EncodingGuess, guessSingleByte } from '../text/guess-encoding.ts';
import { jsonRows } from './json-rows.ts';
import { type CsvScan, type JsonScan, type Scan, type ScanOptions, scanObject } from './scan.ts';

/**
 * A sample of rows, spread over the whole object. Every row has a value for each column, '' where
 * it is missing.
 */
export type Sample = {
  format: { type: 'csv'; delimiter: string } | { type: 'json' };
  /** Undefined for UTF-8 and for a text with a byte order mark. */
  encoding: EncodingGuess | undefined;
  /** Names as written; for JSON the paths of all values that are not objects. */
  header: string[];
  rows: string[][];
  /** Number of the sampled rows per file. */
  files: number[];
  /** Rows of the whole object. */
  total: number;
};

const SLICE = 1 << 20;
/** Enough rows to include a day after the 12th in any month of sales, and fast to read. */
const ROWS = 20_000;
const DEEPEST = 4;

/**
 * Samples an object without a source. Returns the scan where it holds no rows or cannot be read.
 */
export async function sampleObject(
  options: Omit<ScanOptions, 'format'>,
): Promise<Sample | Exclude<Scan, CsvScan | JsonScan>> {
  let scan = await scanObject({ ...options, format: {} });
  let encoding: EncodingGuess | undefined;
  if (scan.kind === 'unreadable' && scan.message.startsWith('Not UTF-8 text')) {
    encoding = await guessSingleByte(options.path, options.maxInflation);
    scan = await scanObject({ ...options, format: { encoding: encoding.encoding } });
  }
  if (scan.kind === 'csv') return { ...(await csvSample(scan)), encoding };
  if (scan.kind === 'json') return { ...(await jsonSample(scan)), encoding };
  return scan;
}

async function csvSample(scan: CsvScan): Promise<Omit<Sample, 'encoding'>> {
  const { delimiter, header } = scan;
  const rows: string[][] = [];
  for await (const slice of csvSlices(scan, { maxBytes: SLICE })) {
    const taken = share(slice.rows, scan.rows);
    const records = csvRecords(slice.text, delimiter).slice(0, taken);
    rows.push(...records.filter((record) => record.length === header.length));
  }
  return {
    format: { type: 'csv', delimiter },
    header,
    rows,
    files: [rows.length],
    total: scan.rows,
  };
}

async function jsonSample(scan: JsonScan): Promise<Omit<Sample, 'encoding'>> {
  const objects: Map<string, string>[] = [];
  for await (const batch of jsonRows(scan))
    objects.push(...batch.slice(0, share(batch.length, scan.rows)).map(({ text }) => flat(text)));
  const header = [...new Set(objects.flatMap((object) => [...object.keys()]))];
  const rows = objects.map((object) => header.map((path) => object.get(path) ?? ''));
  return { format: { type: 'json' }, header, rows, files: [rows.length], total: scan.rows };
}

/** Returns the number of a part's rows to include in a sample of the whole. */
const share = (part: number, whole: number): number =>
  whole <= ROWS ? part : Math.ceil((part * ROWS) / whole);

/**
 * Returns the values of a JSON object by path. Numbers lose their exact spelling, which a sample
 * does not need.
 */
function flat(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const walk = (value: unknown, path: string, depth: number): void => {
    if (value === null || depth > DEEPEST || Array.isArray(value)) return;
    if (typeof value !== 'object') values.set(path, `${value as string | number | boolean}`);
    else
      for (const [key, inner] of Object.entries(value))
        walk(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  };
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row === 'object') walk(row, '', 0);
  } catch {
    // A malformed row adds nothing to the sample.
  }
  return values;
}

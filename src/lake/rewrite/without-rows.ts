import { csvRows } from '../bronze/csv-rows.ts';
import { csvSlices } from '../bronze/csv-slices.ts';
import { jsonRows } from '../bronze/json-rows.ts';
import type { CsvScan, JsonScan } from '../bronze/scan.ts';
import { openText } from '../text/text-file.ts';
import { normaliseName } from '../../medallion/fields/column-names.ts';
import { blankJson } from './blank-json.ts';
import { carriedKeys, carrying } from './carried-keys.ts';

/**
 * What to remove from an object: whole rows, and in other rows the values of some columns, by the
 * source's names.
 */
export type RowsToRemove = {
  rows: ReadonlySet<number>;
  blanked: ReadonlyMap<number, readonly string[]>;
};

/**
 * Yields the object's text in pieces without the removed parts; the rest is unchanged, including
 * CSV's line ends and blank lines. In JSON the first remaining row gets, as null, the source's
 * `columns` that only removed rows had.
 */
export const withoutRows = (
  scan: CsvScan | JsonScan,
  toRemove: RowsToRemove,
  columns: readonly string[],
): AsyncGenerator<string> =>
  scan.kind === 'csv' ? csvWithout(scan, toRemove) : jsonWithout(scan, toRemove, columns);

async function* csvWithout(scan: CsvScan, toRemove: RowsToRemove): AsyncGenerator<string> {
  await using file = await openText(scan.text);
  yield (await file.read(0, scan.bodyStart)).toString('utf8');
  for await (const { text, firstRow } of csvSlices(scan)) {
    let row = firstRow - 1;
    let kept = '';
    let at = 0;
    for (const { raw, fields, start } of csvRows(text, scan.delimiter, scan.columns)) {
      row += 1;
      if (toRemove.rows.has(row)) {
        kept += text.slice(at, start);
        at = afterLineEnd(text, start + raw.length);
        continue;
      }
      const blanked = toRemove.blanked.get(row);
      if (blanked === undefined || fields === undefined) continue;
      const names = new Set(blanked.map(normaliseName));
      const positions = new Set(
        scan.names.flatMap((name, place) => (names.has(name) ? [place] : [])),
      );
      kept += text.slice(at, start) + csvRecord(fields, positions, scan.delimiter);
      at = start + raw.length;
    }
    yield kept + text.slice(at);
  }
}

const afterLineEnd = (text: string, at: number): number =>
  text.startsWith('\r\n', at) ? at + 2 : at + 1;

/** Formats a CSV record, with quotes where they are needed. */
const csvRecord = (
  fields: readonly string[],
  blank: ReadonlySet<number>,
  delimiter: string,
): string =>
  fields
    .map((field, at) => (blank.has(at) ? '' : field))
    .map((field) =>
      /["\r\n]/.test(field) || field.includes(delimiter)
        ? `"${field.replaceAll('"', '""')}"`
        : field,
    )
    .join(delimiter);

const FRAMES = {
  array: { open: '[\n', between: ',\n', close: '\n]\n', none: '[]\n' },
  lines: { open: '', between: '\n', close: '\n', none: '' },
  object: { open: '', between: '', close: '', none: '' },
} as const;

async function* jsonWithout(
  scan: JsonScan,
  toRemove: RowsToRemove,
  columns: readonly string[],
): AsyncGenerator<string> {
  const frame = FRAMES[scan.layout];
  const remaining = (row: number, raw: string): string | undefined => {
    if (toRemove.rows.has(row)) return undefined;
    const blanked = toRemove.blanked.get(row);
    return blanked === undefined ? raw : blankJson(raw, placesOf(blanked));
  };
  const carried = await carriedKeys(scan, columns, remaining);
  let rows = 0;
  for await (const batch of jsonRows(scan)) {
    let text = '';
    for (const { row, text: raw } of batch) {
      const kept = remaining(row, raw);
      if (kept === undefined) continue;
      text += rows++ === 0 ? frame.open : frame.between;
      text += carried?.row === row ? carrying(kept, carried.keys) : kept;
    }
    yield text;
  }
  yield rows === 0 ? frame.none : frame.close;
}

function placesOf(columns: readonly string[]): (path: readonly string[]) => boolean {
  const names = new Set(columns.map(normaliseName));
  return (path) => names.has(normaliseName(path.join('.')));
}

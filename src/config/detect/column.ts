import type { Sample } from '../../lake/bronze/sample.ts';
import { normaliseName } from '../../medallion/fields/column-names.ts';

/** One column of a sample: its values trimmed, without blank ones. */
export type Column = {
  /** As written in the header; mappings use this name. */
  name: string;
  /** Only letters and digits, for comparing names. */
  plain: string;
  values: string[];
  blank: number;
  /**
   * Number of values that repeat an earlier row of the same file. Repetitions in another file are
   * not counted, since that file may be the first, sent again.
   */
  repeated: number;
};

/** Splits a sample into columns. `files` has the number of rows of each file. */
export function columnsOf({
  header,
  rows,
  files,
}: Pick<Sample, 'header' | 'rows' | 'files'>): Column[] {
  return header.map((name, at) => {
    const cells = rows.map((row) => row[at]?.trim() ?? '');
    const values = cells.filter((value) => value !== '');
    let start = 0;
    let different = 0;
    for (const length of files) {
      const ofFile = cells.slice(start, (start += length)).filter((value) => value !== '');
      different += new Set(ofFile).size;
    }
    return {
      name: name.trim(),
      plain: plainName(name),
      values,
      blank: cells.length - values.length,
      repeated: values.length - different,
    };
  });
}

/** Reduces a name to letters and digits, so that `Customer ID` equals `customer_id`. */
export const plainName = (name: string): string =>
  normaliseName(name.normalize('NFD')).replaceAll(/[^a-z\d]/g, '');

export const share = (values: readonly string[], is: (value: string) => boolean): number =>
  values.length === 0 ? 0 : values.filter(is).length / values.length;

/** Formats evidence for a comment: `99.8 % of 1,200 sampled values are …`. */
export function counted(column: Column, part: number, what: string): string {
  const blank = column.blank === 0 ? '' : `, ${grouped(column.blank)} more are blank`;
  if (column.values.length === 0) return `all ${grouped(column.blank)} sampled values are blank`;
  return `${percent(part)} of ${grouped(column.values.length)} sampled values ${what}${blank}`;
}

/** Formats a share; never rounds up to all. */
const percent = (part: number): string =>
  part === 1 ? 'all' : `${(Math.floor(part * 1000) / 10).toFixed(1)} %`;

export const grouped = (count: number): string =>
  String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

import { type Spread, spread } from './statistics.ts';

/** Seconds with three significant digits: 0.123, 1.23, 12.3, 123. */
export const seconds = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);

export const count = (value: number): string => value.toLocaleString('en');
export const megabytes = (bytes: number): string => count(Math.round(bytes / 1e6));
export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 1)}x`;
export const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** The median, with the minimum and maximum in brackets if there was more than one run. */
export const withSpread = (values: readonly number[]): string => {
  const { median, least, most }: Spread = spread(values);
  return values.length < 2
    ? seconds(median)
    : `${seconds(median)} (${seconds(least)} to ${seconds(most)})`;
};

export const median = (values: readonly number[]): number => spread(values).median;

/** A Markdown table; the first column is text, the others are numbers. */
export function markdownTable(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  );
}

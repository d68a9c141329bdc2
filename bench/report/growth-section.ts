import { lineChart } from './chart.ts';
import type { Grown, Growth } from '../parts/growth.ts';
import { fitExponent, fitLine, type Point } from './statistics.ts';
import { count, markdownTable, megabytes, percent, seconds } from './words.ts';

const point =
  (of: (grown: Grown) => number) =>
  (grown: Grown): Point => ({ x: grown.rows, y: of(grown) });
const full = point(({ full: run }) => run.wall);
const fixed = point(({ fixed: run }) => run.wall);
const memory = point(({ full: run }) => run.memory);

export function growthTable({ sizes, added }: Growth): string {
  return markdownTable(
    [
      'rows',
      'full run, s',
      'CPU s',
      'peak MB',
      `${count(added)} rows more, s`,
      'peak MB',
      '0.1% more, s',
      'of the full run',
    ],
    sizes.map((grown) => [
      count(grown.rows),
      seconds(grown.full.wall),
      grown.full.cpu.toFixed(1),
      megabytes(grown.full.memory),
      seconds(grown.fixed.wall),
      megabytes(grown.fixed.memory),
      seconds(grown.thousandth.wall),
      percent(grown.thousandth.wall / grown.full.wall),
    ]),
  );
}

/** The fitted lines and exponents in words; empty if fewer than two sizes were measured. */
export function growthWords({ sizes, added }: Growth): string {
  if (sizes.length < 2) return '';
  const line = (points: readonly Point[], what: string): string => {
    const { a, b } = fitLine(points);
    return `${what} take ${seconds(Math.max(0, a))} s and ${seconds(b * 1e6)} s for each million rows in the lake; the exponent over all sizes is ${fitExponent(points).toFixed(2)}.`;
  };
  return [
    line(sizes.map(full), 'Full runs'),
    line(sizes.map(fixed), `Increments of ${count(added)} rows`),
    `Peak memory of full runs grows with exponent ${fitExponent(sizes.map(memory)).toFixed(2)}.`,
    'An exponent of 1 is growth in proportion, 0 is none; the cost of starting, which weighs in small lakes, lowers it.',
  ].join(' ');
}

export const growthChart = ({ sizes, added }: Growth): string =>
  lineChart('Seconds against rows, purchases on DuckDB', 'seconds', [
    { label: 'full run', color: '#1f6feb', points: pairs(sizes.map(full)) },
    {
      label: `${count(added)} rows more`,
      color: '#d1791a',
      points: pairs(sizes.map(fixed)),
    },
    {
      label: '0.1% more',
      color: '#2a9d62',
      points: pairs(sizes.map(point(({ thousandth: run }) => run.wall))),
    },
  ]);

export const memoryChart = ({ sizes, added }: Growth): string =>
  lineChart('Peak memory against rows, purchases on DuckDB', 'MB', [
    {
      label: 'full run',
      color: '#1f6feb',
      points: sizes.map(({ rows, full: run }) => [rows, Math.round(run.memory / 1e6)] as const),
    },
    {
      label: `${count(added)} rows more`,
      color: '#d1791a',
      points: sizes.map(({ rows, fixed: run }) => [rows, Math.round(run.memory / 1e6)] as const),
    },
  ]);

const pairs = (points: readonly Point[]): (readonly [number, number])[] =>
  points.map(({ x, y }) => [x, Number(y.toPrecision(4))] as const);

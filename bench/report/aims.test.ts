import { expect, test } from 'vitest';
import { aims } from './aims.ts';
import type { AnyRecord } from '../records.ts';
import type { Run } from '../parts/work.ts';

const machine = { cores: 2, processor: 'any', memoryGb: 8, system: 'any', versions: {} };
const common = { measured: '2026-01-01', machine };
const run = (wall: number, digest = 'a'): Run => ({
  wall,
  cpu: wall,
  memory: 9e8,
  customers: 1,
  digest,
});
const contest = (name: string, wall: number, more: number) => ({
  name,
  title: name,
  full: [run(wall)],
  increment: [run(more)],
});
const work = (rows: number, seconds: number): AnyRecord => ({
  ...common,
  part: 'work',
  figures: {
    rows,
    files: 10,
    bytes: 1,
    runs: 1,
    contests: [
      contest('limit', 10, 10),
      contest('polars', 14, 14),
      contest('purchases', seconds, 2),
    ],
  },
});
const growth = (sizes: [number, number][]): AnyRecord => ({
  ...common,
  part: 'growth',
  figures: {
    added: 1,
    sizes: sizes.map(([rows, wall]) => ({
      rows,
      full: run(9),
      fixed: run(9),
      thousandth: run(wall),
    })),
  },
});

test('only the largest comparison counts, and a target without its rival is left out', () => {
  expect(aims([work(1000, 99), work(2000, 12.6)])).toEqual([
    { aim: "2,000 rows: every contender's table the same", measured: '3 of 3', met: true },
    { aim: '2,000 rows: at most 1.25x the limit', measured: '1.26x', met: false },
    { aim: '2,000 rows: faster than Polars', measured: '0.90x', met: true },
    { aim: '2,000 rows: peak memory under 1,000 MB', measured: '900 MB', met: true },
    { aim: '2,000 rows: 0.1% more in at most 15% of the full run', measured: '15.9%', met: false },
  ]);
});

test('growth has a target if both of its sizes were measured', () => {
  expect(aims([growth([[1e7, 2]])])).toEqual([]);
  const sizes: [number, number][] = [
    [1e7, 2],
    [1e8, 8.2],
  ];
  expect(aims([growth(sizes)])).toMatchObject([
    { measured: '1.00x', met: true },
    { measured: '4.10x', met: false },
  ]);
});

import { expect, test } from 'vitest';
import type { Work } from '../records.ts';
import { stepsTable, workChart, workTable } from './work-section.ts';
import type { Contest, Run } from '../parts/work.ts';

const run = (wall: number, digest: string): Run => ({
  wall,
  cpu: 2 * wall,
  memory: wall * 1e8,
  customers: 1,
  digest,
  steps: { BronzeToSilver: wall / 2, total: wall },
});
const contest = (name: string, title: string, walls: number[], digest: string): Contest => ({
  name,
  title,
  full: walls.map((wall) => run(wall, digest)),
  increment: walls.map((wall) => run(wall / 10, `${digest} and more`)),
});
const work: Work = {
  rows: 1_000_000,
  files: 10,
  bytes: 1e8,
  runs: 3,
  contests: [
    contest('limit', 'The limit', [2, 1.9, 2.2], 'a'),
    contest('purchases', 'Ours', [2.5, 2.4, 9], 'wrong'),
    contest('polars', 'Polars', [4], 'a'),
    { name: 'pandas', title: 'pandas', full: [], increment: [], failed: 'no memory' },
  ],
};

test('ratios are of medians against the limit, and this product is shown as wrong if it is', () => {
  expect(workTable(work).split('\n').slice(2)).toEqual([
    '| The limit | the same | 2.00 (1.90 to 2.20) | 1.00x | 4.0 | 200 | 0.200 (0.190 to 0.220) | 10.0% |',
    '| **Ours** | **WRONG** | 2.50 (2.40 to 9.00) | 1.25x | 5.0 | 250 | 0.250 (0.240 to 0.900) | 10.0% |',
    '| Polars | the same | 4.00 | 2.00x | 8.0 | 400 | 0.400 | 10.0% |',
    '| pandas | **failed** |  |  |  |  |  |  |',
  ]);
});

test("the product's own states are listed one by one", () => {
  expect(stepsTable(work).split('\n').slice(2)).toEqual([
    '| BronzeToSilver | 1.25 | 0.13 |',
    '| total | 2.50 | 0.25 |',
  ]);
});

test('the chart marks wrong contenders, leaves out failed ones, and is deterministic', () => {
  const svg = workChart(work);
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain('2.5 s (wrong)');
  expect(svg).toContain('>Polars</text>');
  expect(svg).not.toContain('pandas');
  expect(workChart(work)).toBe(svg);
});

import { type Bar, barChart } from './chart.ts';
import type { Work } from '../records.ts';
import { type Verdict, verdicts } from './verdict.ts';
import { count, markdownTable, median, megabytes, percent, times, withSpread } from './words.ts';
import type { Contest } from '../parts/work.ts';

const wall = ({ full }: Contest): number => median(full.map((run) => run.wall));
const memory = ({ full }: Contest): number => median(full.map((run) => run.memory));
const ran = ({ full, increment }: Contest): boolean => full.length > 0 && increment.length > 0;
const isProduct = ({ name }: Contest): boolean => name.startsWith('purchases');

const WORDS: Record<Verdict, string> = {
  right: 'the same',
  wrong: '**WRONG**',
  failed: '**failed**',
  unproven: 'not compared',
};

/** One row per contender, the fastest first, with ratios against the limit. */
export function workTable({ contests }: Work): string {
  const results = verdicts(contests);
  const limit = contests.find(({ name }) => name === 'limit');
  const base = limit === undefined || !ran(limit) ? Number.NaN : wall(limit);
  const rows = contests
    .map((contest, index) => ({ contest, answer: WORDS[results[index] ?? 'unproven'] }))
    .toSorted((a, b) => order(a.contest) - order(b.contest))
    .map(({ contest, answer }) => cells(contest, answer, base));
  const head = [
    'contender',
    'table',
    'files to table, s',
    'of the limit',
    'CPU s',
    'peak MB',
    '0.1% more, s',
    'of own full run',
  ];
  return markdownTable(head, rows);
}

const order = (contest: Contest): number => (ran(contest) ? wall(contest) : Infinity);

function cells(contest: Contest, answer: string, base: number): string[] {
  const { title, full, increment } = contest;
  if (!ran(contest)) return [title, answer, '', '', '', '', '', ''];
  return [
    isProduct(contest) ? `**${title}**` : title,
    answer,
    withSpread(full.map((run) => run.wall)),
    Number.isNaN(base) ? '' : times(wall(contest) / base),
    median(full.map((run) => run.cpu)).toFixed(1),
    megabytes(memory(contest)),
    withSpread(increment.map((run) => run.wall)),
    percent(median(increment.map((run) => run.wall)) / wall(contest)),
  ];
}

/** Time per state of this product's state machine: seconds, medians. */
export function stepsTable({ contests }: Work): string {
  const products = contests.filter((contest) => isProduct(contest) && ran(contest));
  const states = Object.keys(products[0]?.full[0]?.steps ?? {});
  if (states.length === 0) return '';
  const of = (runs: Contest['full'], state: string): string =>
    median(runs.map((run) => run.steps?.[state] ?? 0)).toFixed(2);
  return markdownTable(
    ['state, s', ...products.flatMap(({ title }) => [title, '0.1% more'])],
    states.map((state) => [
      state,
      ...products.flatMap((contest) => [of(contest.full, state), of(contest.increment, state)]),
    ]),
  );
}

export function workChart({ contests, rows }: Work): string {
  const results = verdicts(contests);
  const shown = contests
    .map((contest, index) => ({ contest, wrong: results[index] === 'wrong' }))
    .filter(({ contest }) => ran(contest))
    .toSorted((a, b) => wall(a.contest) - wall(b.contest));
  const bars = (of: (contest: Contest) => number, words: (value: number) => string): Bar[] =>
    shown.map(({ contest, wrong }) => ({
      label: contest.title,
      value: of(contest),
      note: words(of(contest)) + (wrong ? ' (wrong)' : ''),
      isProduct: isProduct(contest),
    }));
  return barChart(`${count(rows)} rows, files to serving table`, [
    { title: 'seconds', bars: bars(wall, (value) => `${value.toFixed(1)} s`) },
    { title: 'peak memory', bars: bars(memory, (value) => `${(value / 1e9).toFixed(2)} GB`) },
  ]);
}

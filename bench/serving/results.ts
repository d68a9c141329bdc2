import { count, markdownTable, median, percent } from '../report/words.ts';
import type { Loaded, ProductLoads } from './product-load.ts';
import { OTHERS } from './alternatives.ts';

/** Seconds, one value per run; for the other contenders those of the append to staging alone. */
export type Figures = {
  postgres: ProductLoads[];
  mariadb: ProductLoads[];
  others: Record<string, number[]>;
};
export type Serving = { customers: number; changed: number; loads: Figures };

type Line = { what: string; rows: number; seconds: number; runs: number };

const whole = ({ stage, upsert }: Loaded): number => stage + upsert;

function lines({ customers, changed, loads: figures }: Serving): Line[] {
  const of = (what: string, rows: number, values: readonly number[]): Line => ({
    what,
    rows,
    seconds: median(values),
    runs: values.length,
  });
  return [
    of(
      'purchases, COPY into staging',
      customers,
      figures.postgres.map((run) => run.first.stage),
    ),
    ...OTHERS.map(({ name, title }) =>
      of(`${title}, into staging`, customers, figures.others[name] ?? []),
    ),
    of(
      'purchases, first load: COPY and upsert',
      customers,
      figures.postgres.map((run) => whole(run.first)),
    ),
    of(
      'purchases, 1% changed: COPY and upsert',
      changed,
      figures.postgres.map((run) => whole(run.change)),
    ),
    of(
      'purchases on MariaDB, LOAD DATA into staging',
      customers,
      figures.mariadb.map((run) => run.first.stage),
    ),
    of(
      'purchases on MariaDB, first load',
      customers,
      figures.mariadb.map((run) => whole(run.first)),
    ),
    of(
      'purchases on MariaDB, 1% changed',
      changed,
      figures.mariadb.map((run) => whole(run.change)),
    ),
  ];
}

/** Ratio of another contender's append time to the time of our COPY. */
export const copyOver = ({ loads: { postgres, others } }: Serving, name: string): number =>
  median(others[name] ?? []) / median(postgres.map((run) => run.first.stage));

/** Time of a change of 1% as a share of the first load. */
export const changeShare = (runs: readonly ProductLoads[]): number =>
  median(runs.map((run) => whole(run.change) / whole(run.first)));

/** The figures as Markdown. */
export function servingTable(serving: Serving): string {
  const rows = lines(serving).map(({ what, rows: number, seconds, runs }) => [
    what,
    count(number),
    seconds.toFixed(2),
    count(Math.round(number / seconds)),
    String(runs),
  ]);
  const { postgres, mariadb } = serving.loads;
  const times = OTHERS.map(
    ({ name, title }) =>
      `- COPY is ${copyOver(serving, name).toFixed(1)} times as fast as ${title}.`,
  );
  return [
    markdownTable(['what', 'rows', 'seconds', 'rows a second', 'runs'], rows),
    '',
    ...times,
    `- A change of 1% takes ${percent(changeShare(postgres))} of the first load on PostgreSQL, ${percent(changeShare(mariadb))} on MariaDB.`,
  ].join('\n');
}

import { count, markdownTable, median, percent } from '../words.ts';
import type { Loaded, Ours } from './ours.ts';
import { OTHERS } from './others.ts';

/** Seconds, a value a run; of the others those of appending to staging alone. */
export type Figures = { postgres: Ours[]; mariadb: Ours[]; others: Record<string, number[]> };
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

function ratios({ postgres, mariadb, others }: Figures): Record<string, number> {
  const copy = median(postgres.map((run) => run.first.stage));
  const share = (runs: readonly Ours[]): number =>
    median(runs.map((run) => whole(run.change) / whole(run.first)));
  return {
    ...Object.fromEntries(
      Object.entries(others).map(([name, values]) => [`copy_over_${name}`, median(values) / copy]),
    ),
    change_share_postgres: share(postgres),
    change_share_mariadb: share(mariadb),
  };
}

/** The figures as Markdown. */
export function servingTable(serving: Serving): string {
  const rows = lines(serving).map(({ what, rows: number, seconds, runs }) => [
    what,
    count(number),
    seconds.toFixed(2),
    count(Math.round(number / seconds)),
    String(runs),
  ]);
  const compared = ratios(serving.loads);
  const of = (name: string): number => compared[name] ?? Number.NaN;
  const times = OTHERS.map(
    ({ name, title }) =>
      `- COPY is ${of(`copy_over_${name}`).toFixed(1)} times as fast as ${title}.`,
  );
  return [
    markdownTable(['what', 'rows', 'seconds', 'rows a second', 'runs'], rows),
    '',
    ...times,
    `- A change of 1% takes ${percent(of('change_share_postgres'))} of the first load on PostgreSQL, ${percent(of('change_share_mariadb'))} on MariaDB.`,
  ].join('\n');
}

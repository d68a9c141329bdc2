import { spread } from '../statistics.ts';
import type { Loaded, Ours } from './ours.ts';
import { OTHERS } from './others.ts';

/** Seconds, a value a run; of the others those of appending to staging alone. */
export type Figures = { postgres: Ours[]; mariadb: Ours[]; others: Record<string, number[]> };
export type Setting = { customers: number; changed: number; processors: number };

type Line = { what: string; rows: number; seconds: number; runs: number };

const median = (values: readonly number[]): number => spread(values).median;
const whole = ({ stage, upsert }: Loaded): number => stage + upsert;

function lines(figures: Figures, { customers, changed }: Setting): Line[] {
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
      Object.entries(others).map(([name, values]) => [
        `copy_over_${name}`,
        round(median(values) / copy),
      ]),
    ),
    change_share_postgres: round(share(postgres)),
    change_share_mariadb: round(share(mariadb)),
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** The figures for machines: medians, each run's seconds, and how they compare. */
export function results(figures: Figures, setting: Setting): unknown {
  return {
    ...setting,
    ratios: ratios(figures),
    medians: lines(figures, setting).map((line) => ({
      ...line,
      seconds: round(line.seconds),
      rows_per_second: Math.round(line.rows / line.seconds),
    })),
    seconds: figures,
  };
}

/** The figures for people, as Markdown. */
export function table(figures: Figures, setting: Setting): string {
  const rows = lines(figures, setting).map(
    ({ what, rows: count, seconds, runs }) =>
      `| ${what} | ${count.toLocaleString('en')} | ${seconds.toFixed(2)} | ${Math.round(count / seconds).toLocaleString('en')} | ${runs} |`,
  );
  const compared = ratios(figures);
  const times = OTHERS.map(
    ({ name, title }) =>
      `- COPY is ${(compared[`copy_over_${name}`] ?? Number.NaN).toFixed(1)} times as fast as ${title}.`,
  );
  const percent = (share: number | undefined): string =>
    `${((share ?? Number.NaN) * 100).toFixed(1)}%`;
  return [
    `${setting.customers.toLocaleString('en')} customers, ${setting.processors} processors, servers on the same machine that do not wait for the disk; medians. Of Spark and pandas only the append itself is timed, with the rows already in memory.`,
    '',
    '| what | rows | seconds | rows a second | runs |',
    '|---|--:|--:|--:|--:|',
    ...rows,
    '',
    ...times,
    `- A change of 1% takes ${percent(compared['change_share_postgres'])} of the first load on PostgreSQL, ${percent(compared['change_share_mariadb'])} on MariaDB.`,
  ].join('\n');
}

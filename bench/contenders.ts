import { fileURLToPath } from 'node:url';
import type { Command } from './measure.ts';

/**
 * One run of one contender. `folder` belongs to the run and holds bronze/; `out` is an empty folder
 * below it.
 */
export type Task = { folder: string; out: string; rates: string; database: string };

export type Contender = {
  name: string;
  title: string;
  /** Slow, or far from the limit: one run is enough. */
  once: boolean;
  /** True if it creates its own tables in the serving database. */
  migrates: boolean;
  /**
   * Python packages whose versions identify the contender's version; empty if it needs no Python.
   */
  packages: readonly string[];
  command(task: Task): Command;
};

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const PYTHON = here('../.venv-bench/bin/python');
const PRODUCT = here('../dist/purchases.js');

const script =
  (name: string) =>
  ({ folder, out, rates, database }: Task): Command => ({
    file: PYTHON,
    args: [
      here(`contenders/${name}.py`),
      '--bronze',
      `${folder}/bronze`,
      '--rates',
      rates,
      '--out',
      out,
    ],
    cwd: folder,
    env: { BENCH_DATABASE: database },
  });

/**
 * Runs the built command over a lake that is the run's folder. The password stays off the command
 * line.
 */
const product =
  (...flags: string[]) =>
  ({ folder, database }: Pick<Task, 'folder' | 'database'>): Command => ({
    file: process.execPath,
    args: [PRODUCT, 'run', '--lake', folder, '--json', '--quiet', ...flags],
    cwd: folder,
    env: { PURCHASES_WAREHOUSE: database, PURCHASES_PYTHON: PYTHON },
  });

const python = { migrates: false, once: false };
const productDefaults = { migrates: true };

const ALL: readonly Contender[] = [
  {
    ...python,
    name: 'limit',
    title: 'DuckDB script (the limit)',
    packages: ['duckdb'],
    command: script('limit'),
  },
  {
    ...productDefaults,
    name: 'purchases',
    title: 'purchases on DuckDB',
    once: false,
    packages: [],
    command: product(),
  },
  {
    ...python,
    name: 'polars',
    title: 'Polars',
    packages: ['polars'],
    command: script('polars_script'),
  },
  {
    ...python,
    name: 'dbt',
    title: 'dbt-duckdb',
    once: true,
    packages: ['dbt-core', 'dbt-duckdb'],
    command: script('dbt_script'),
  },
  {
    ...python,
    name: 'pandas',
    title: 'pandas + SQLAlchemy',
    once: true,
    packages: ['pandas', 'sqlalchemy'],
    command: script('pandas_script'),
  },
  {
    ...python,
    name: 'pyspark',
    title: 'PySpark, JDBC append',
    once: true,
    packages: ['pyspark'],
    command: script('pyspark_script'),
  },
  {
    ...productDefaults,
    name: 'purchases-spark',
    title: 'purchases on Spark',
    once: true,
    packages: ['pyspark'],
    command: product('--engine', 'spark'),
  },
];

/** The contenders of those names, or all. Error: an unknown name. */
export function contenders(only: readonly string[]): Contender[] {
  const unknown = only.filter((name) => !ALL.some((contender) => contender.name === name));
  if (unknown.length > 0)
    throw new Error(
      `No contender "${unknown.join('", "')}": they are ${ALL.map(({ name }) => name).join(', ')}.`,
    );
  return ALL.filter(({ name }) => only.length === 0 || only.includes(name));
}

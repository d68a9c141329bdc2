import type { Growth } from '../parts/growth.ts';
import type { AnyRecord, Work } from '../records.ts';
import { changeShare, copyOver, type Serving } from '../serving/results.ts';
import type { SmallFiles } from '../parts/small-files.ts';
import type { StartUp } from '../parts/start-up.ts';
import { verdicts } from './verdict.ts';
import { count, markdownTable, median, megabytes, percent, seconds, times } from './words.ts';
import type { Run } from '../parts/work.ts';

/** A target and the measured value; `met` is true if the target was reached. */
export type Aim = { aim: string; measured: string; met: boolean };

/** Targets of the parts that were measured; the comparison counts at its largest size. */
export function aims(records: readonly AnyRecord[]): Aim[] {
  const largest = records.findLast(({ part }) => part === 'work');
  const counted = records.filter((record) => record.part !== 'work' || record === largest);
  return counted.flatMap(ofRecord).filter(({ measured }) => !measured.startsWith('NaN'));
}

function ofRecord(record: AnyRecord): Aim[] {
  switch (record.part) {
    case 'work':
      return ofWork(record.figures);
    case 'profile':
      return [];
    case 'start-up':
      return ofStartUp(record.figures);
    case 'small-files':
      return ofSmallFiles(record.figures);
    case 'growth':
      return ofGrowth(record.figures);
    case 'serving':
      return ofServing(record.figures);
  }
}

export const aimsTable = (all: readonly Aim[]): string =>
  markdownTable(
    ['aim', 'measured', ''],
    all.map(({ aim, measured, met }) => [aim, measured, met ? 'met' : '**missed**']),
  );

function ofWork({ rows, contests }: Work): Aim[] {
  const product = contests.find(({ name }) => name === 'purchases');
  if (product === undefined || product.full.length === 0) return [];
  const size = `${count(rows)} rows`;
  const [wall, more] = [wallOf(product.full), wallOf(product.increment)];
  const rival = (name: string): number =>
    wallOf(contests.find((contest) => contest.name === name)?.full ?? []);
  const memory = median(product.full.map((run) => run.memory));
  const right = verdicts(contests).filter((verdict) => verdict === 'right').length;
  return [
    {
      aim: `${size}: every contender's table the same`,
      measured: `${right} of ${contests.length}`,
      met: right === contests.length,
    },
    atMost(`${size}: at most 1.25x the limit`, wall / rival('limit'), 1.25, times),
    atMost(`${size}: faster than Polars`, wall / rival('polars'), 1, times),
    atLeast(`${size}: at least 3x as fast as plain PySpark`, rival('pyspark') / wall, 3),
    atMost(`${size}: peak memory under 1,000 MB`, memory, 1e9, (bytes) => `${megabytes(bytes)} MB`),
    atMost(`${size}: 0.1% more in at most 15% of the full run`, more / wall, 0.15, percent),
  ];
}

function ofStartUp({ help, nothing, objects }: StartUp): Aim[] {
  const words = (value: number): string => `${seconds(value)} s`;
  return [
    atMost('`--help` under 150 ms', median(help), 0.15, words),
    atMost(`nothing to do on ${count(objects)} objects: under 1 s`, median(nothing), 1, words),
  ];
}

function ofSmallFiles({ files, contests }: SmallFiles): Aim[] {
  const product = contests.find(({ name }) => name === 'purchases');
  if (product === undefined) return [];
  const ratio = wallOf(product.many) / wallOf(product.few);
  return [
    atMost(`${count(files)} files of 100 rows: at most 3x the time of 10 files`, ratio, 3, times),
  ];
}

const TEN_MILLION = 10_000_000;

function ofGrowth({ added, sizes }: Growth): Aim[] {
  const ratio = (which: 'fixed' | 'thousandth'): number => {
    const at = (rows: number): number =>
      sizes.find((size) => size.rows === rows)?.[which].wall ?? Number.NaN;
    return at(10 * TEN_MILLION) / at(TEN_MILLION);
  };
  const atMostFour = (what: string, which: 'fixed' | 'thousandth'): Aim =>
    atMost(`${what} on 100 million: at most 4x that on 10 million`, ratio(which), 4, times);
  return [atMostFour(`${count(added)} rows more`, 'fixed'), atMostFour('0.1% more', 'thousandth')];
}

function ofServing(serving: Serving): Aim[] {
  const { postgres, mariadb } = serving.loads;
  const share = 'a change of 1%: under 10% of the first load';
  return [
    atLeast('COPY at least 3x as fast as JDBC append', copyOver(serving, 'jdbc'), 3),
    atMost(`${share}, PostgreSQL`, changeShare(postgres), 0.1, percent),
    atMost(`${share}, MariaDB`, changeShare(mariadb), 0.1, percent),
  ];
}

const wallOf = (runs: readonly Run[]): number => median(runs.map((run) => run.wall));

const atMost = (
  aim: string,
  value: number,
  most: number,
  words: (value: number) => string,
): Aim => ({ aim, measured: words(value), met: value <= most });

const atLeast = (aim: string, value: number, least: number): Aim => ({
  aim,
  measured: times(value),
  met: value >= least,
});

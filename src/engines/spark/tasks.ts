import type {
  BronzeToSilverInput,
  LiveObject,
  RatesFile,
  SilverToGoldInput,
} from '../../lake/ports/engine.ts';
import { noSourceFault } from '../../medallion/columns.ts';
import { GOLD_COLUMNS, SILVER_COLUMNS } from '../../medallion/layers.ts';
import { ratesByDay } from '../../medallion/rates.ts';
import type { Source } from '../../medallion/source.ts';
import { sourceSql } from './bronze-sql.ts';
import { goldSql } from './gold-sql.ts';

/** Part of the names of silver's files: the Spark version that the jobs are written for. */
export const SPARK_VERSION = 'spark 3.5';

/**
 * Returns the local path of an object or file of the lake, or its key where the job itself resolves
 * it.
 */
export type Place = (key: string) => string;

const rates = ({ path, digest, maxAgeDays }: RatesFile) => ({
  path,
  digest,
  byDay: ratesByDay('rates', maxAgeDays),
});

const COLUMNS = { silver: SILVER_COLUMNS, gold: GOLD_COLUMNS };

/**
 * The input of bronze to silver in Python: the paths of a task's objects, and the SQL of each
 * source among them.
 */
export function bronzeTask(
  engine: string,
  task: BronzeToSilverInput,
  paths: ReadonlyMap<string, string>,
  output: string,
) {
  const sources: Source[] = [];
  const newest = task.objects.map(({ ingestionDate }) => ingestionDate).toSorted();
  const objects = task.objects.map(({ source, ...object }, no) => {
    if (source !== null && !sources.some(({ name }) => name === source.name)) sources.push(source);
    const at = source === null ? -1 : sources.findIndex(({ name }) => name === source.name);
    return { ...object, no, source: at < 0 ? null : at, path: paths.get(object.key) ?? '' };
  });
  return {
    engine,
    objects,
    sources: sources.map((source) => sourceSql(source, task.timeZone, newest.at(-1) ?? '')),
    noSource: noSourceFault('{key}'),
    rates: rates(task.rates),
    limits: task.limits,
    output,
  };
}

/** The input of silver to gold; `place` resolves the keys of the files. */
export function goldTask(task: SilverToGoldInput, place: Place, output: string) {
  const placed = (objects: readonly { silver: string }[]): Record<string, string> =>
    Object.fromEntries(objects.map(({ silver }) => [silver, place(silver)]));
  const { before, keys } = task;
  return {
    ...task,
    keys: {
      ...keys,
      files: keys.files.map(({ key }) => place(key)),
      former: (keys.former ?? []).map(({ key }) => place(key)),
    },
    silver: placed(task.live satisfies LiveObject[]),
    before:
      before === undefined
        ? null
        : {
            ...before,
            gold: before.gold.map(({ key }) => place(key)),
            silver: placed([...before.arrived, ...before.departed]),
          },
    sql: goldSql(),
    columns: COLUMNS,
    output,
  };
}

export const ratesTask = (
  files: { silver: string[]; quarantine: string[] },
  table: RatesFile,
  sql: string,
) => ({
  files: [files.silver, files.quarantine].filter(({ length }) => length > 0),
  rates: rates(table),
  sql,
});

export const loadTask = (sql: string, before: string[] | null, after: string[]) => ({
  sql,
  before,
  after,
  columns: COLUMNS,
});

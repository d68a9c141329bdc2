import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { quarantineKey, silverKey } from '../../../lake/layout.ts';
import type { BronzeToSilverInput, BronzeResult, Workspace } from '../../../lake/ports/engine.ts';
import type { DataFile, ObjectRecord } from '../../../lake/ledger/records.ts';
import { storeFile } from '../../../lake/files/store-file.ts';
import {
  cleanedRows,
  validatedRows,
  quarantineRows,
  type RowsContext,
  silverRows,
} from '../../../medallion/bronze-to-silver.ts';
import { type FastPath, fastPathSilver } from '../../../medallion/fast-path.ts';
import { REPAIRS_SAID } from '../../../medallion/refusals.ts';
import {
  acceptedOf,
  counted,
  type Counts,
  countQuarantine,
  countSilver,
  noCounts,
} from './counts.ts';
import { duckdbDialect } from '../dialect.ts';
import { rowsMissingFromSilver } from './rows-missing-from-silver.ts';
import { FORMAT, writeByDay, writeParquet } from '../parquet.ts';
import { lackedOlderRates } from './rates.ts';
import type { Rows } from './rows.ts';
import type { Session } from '../session.ts';
import { tooManyRejected } from './too-many-rejected.ts';

/** The rows of one batch as a relation, with what the rules must know of them. */
export type BatchRows = {
  rows: Rows;
  context: Omit<RowsContext, 'timeZone'>;
  records: ObjectRecord[];
  read: number[];
  /** How its everyday lines are read, where they can be: those that its column `everyday` marks. */
  fastPath?: FastPath | undefined;
};

export type BatchContext = {
  session: Session;
  workspace: Workspace;
  task: BronzeToSilverInput;
  engine: string;
  streamFrom: number | undefined;
  /** What becomes of a batch's rows. */
  use(step: BatchContext, batch: BatchRows): Promise<BronzeResult>;
};

/**
 * Up to so many rows are cleaned once, into a table: planning the rules costs more than their work.
 * More stream from bronze to Parquet.
 */
const MATERIALISED_ROWS = 20_000;

/**
 * Writes one batch's silver and quarantine files, one of each a day, and counts what is in them.
 * Everyday lines of a large batch stream from bronze to Parquet in one pass, all others are judged
 * once for both files; only where rows are left over is the batch read again, for these.
 */
export async function writeBatch(step: BatchContext, batch: BatchRows): Promise<BronzeResult> {
  const { session, task } = step;
  const context: RowsContext = { ...batch.context, timeZone: task.timeZone };
  const digest = batchDigest(step, batch);
  let made = await writeLayers(step, context, batch, digest);
  // Of accepted rows only one that deletes may be without a rate.
  const unrated = [...made.quarantine, ...(context.source.deletes.length > 0 ? made.silver : [])];
  if (await lackedOlderRates(session, task.rates, pathsOf(unrated)))
    made = await writeLayers(step, context, batch, digest);
  const quarantine = await storeDayFiles(step, made.quarantine, (day) =>
    quarantineKey(day, digest),
  );
  const silver = await storeDayFiles(step, made.silver, (day) => silverKey(day, digest));
  return {
    objects: batch.records.map((record, index) =>
      counted(record, batch.read[index] ?? 0, made.counts.get(record.key), {
        silver: silver.get(record.ingestion_date)?.key,
        quarantine: quarantine.get(record.ingestion_date)?.key,
      }),
    ),
    files: [...quarantine.values(), ...silver.values()],
  };
}

async function writeLayers(
  step: BatchContext,
  context: RowsContext,
  batch: BatchRows,
  digest: string,
): Promise<{ silver: DayFile[]; quarantine: DayFile[]; counts: Counts }> {
  const { session } = step;
  const cleaning = await cleaningOf(step, context, batch);
  const counts = noCounts(batch.records);
  const silver = await writeLayer(
    step,
    context,
    `silver-${digest}`,
    asEnums(batch, await silverOf(session, context, batch, cleaning)),
  );
  await countSilver(session, pathsOf(silver), counts);
  const missing = rowsRead(batch) - acceptedOf(counts);
  const quarantine =
    missing === 0
      ? []
      : await writeLayer(
          step,
          context,
          `quarantine-${digest}`,
          await rejectedRowsOf(session, context, batch, cleaning, { silver, missing }),
        );
  await session.run(`drop table if exists ${OTHERS}`);
  await countQuarantine(session, pathsOf(quarantine), counts);
  return { silver, quarantine, counts };
}

/**
 * Texts of which there are few, as numbers in a list of them: DuckDB writes the same values without
 * hashing every one.
 */
function asEnums({ context, records }: BatchRows, silver: string): string {
  const { name } = context.source;
  const [only, ...more] = records;
  const columns = [
    `cast(${quoted(name)} as ${listOf([name])}) as source`,
    `cast(repairs as ${listOf(REPAIRS_SAID)}) as repairs`,
  ];
  if (only !== undefined && more.length === 0)
    columns.push(`cast(${quoted(only.key)} as ${listOf([only.key])}) as object_key`);
  return `select * replace (${columns.join(', ')}) from (${silver})`;
}

/** The list of a type takes no expressions, as `literal` may make one. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const listOf = (texts: readonly string[]): string => `enum(${texts.map(quoted).join(', ')})`;

/** A layer's part of a batch: a finished file for each day that has rows. */
type DayFile = { day: string; path: string; rows: number };

const pathsOf = (files: readonly DayFile[]): string[] => files.map(({ path }) => path);

async function writeLayer(
  { session, workspace }: BatchContext,
  { ingestionDate, eachDay }: RowsContext,
  name: string,
  select: string,
): Promise<DayFile[]> {
  const path = join(workspace.scratch, name);
  if (eachDay === true) {
    // What an earlier try left there.
    await rm(path, { recursive: true, force: true });
    const daily = `select l.*, b.ingestion_day as day from (${select}) l join batch b using (object_key)`;
    return writeByDay(session, daily, path);
  }
  const rows = await writeParquet(session, select, `${path}.parquet`);
  if (rows > 0) return [{ day: ingestionDate, path: `${path}.parquet`, rows }];
  await rm(`${path}.parquet`);
  return [];
}

/** The day's files in the lake, by day. */
async function storeDayFiles(
  { workspace }: BatchContext,
  files: readonly DayFile[],
  keyOf: (day: string) => string,
): Promise<Map<string, DataFile>> {
  const made = new Map<string, DataFile>();
  for (const { day, path, rows } of files) {
    made.set(day, await storeFile(workspace, { path, key: keyOf(day), rows }));
    await rm(path);
  }
  return made;
}

/**
 * The batch's refused rows: of one that was cleaned at once all is known; of a large one only the
 * `left` rows that are not in silver are looked at again.
 */
async function rejectedRowsOf(
  session: Session,
  context: RowsContext,
  batch: BatchRows,
  cleaning: Cleaning,
  { silver, missing }: { silver: readonly DayFile[]; missing: number },
): Promise<string> {
  const quarantine = (validated: string, rows: string): string =>
    `${quarantineRows(duckdbDialect, context, validated, `(${rows}) r`)} order by object_key, row_number`;
  const all = batch.rows.all;
  if (cleaning.materialised || silver.length === 0) return quarantine(cleaning.validated(all), all);
  if (cleaning.fastPath === undefined) {
    const isRow = context.source.rows === 'purchases';
    const rows = isRow ? await rowsMissingFromSilver(session, batch, pathsOf(silver)) : all;
    return quarantine(cleaning.validated(rows), rows);
  }
  const others = `select * from ${OTHERS}`;
  // All rows are everyday ones and others: as many refused others as are left over mean that every
  // everyday line is in silver.
  if ((await rejectedOthers(session)) === missing) return quarantine(others, all);
  const rows = await rowsMissingFromSilver(session, batch, pathsOf(silver), OTHERS);
  return quarantine(`${others} union all ${cleaning.validated(rows)}`, rows);
}

async function rejectedOthers(session: Session): Promise<number> {
  const [row] = await session.rows(`select count(*) as n from ${OTHERS} where reasons <> ''`);
  return Number(row?.['n'] ?? 0);
}

const rowsRead = ({ read }: BatchRows): number => read.reduce((sum, rows) => sum + rows, 0);

/**
 * The judged rows among those that are not everyday, good and refused, until their batch is made.
 */
const OTHERS = 'judged_others';

/** The batch's good rows: everyday lines by the short way, all others by the long one. */
async function silverOf(
  session: Session,
  context: RowsContext,
  batch: BatchRows,
  cleaning: Cleaning,
): Promise<string> {
  const { source } = context;
  const rows = batch.rows.all;
  if (cleaning.fastPath === undefined) return silverRows(source, cleaning.validated(rows));
  // Materialised, or DuckDB would pass them on as it finds them, a few at a time, and pay the price
  // of a thousand rows for each few.
  await session.run(`drop table if exists ${OTHERS}`);
  await session.run(`create temp table ${OTHERS} as
with unusual as materialized (select * from (${rows}) r where not everyday)
select * replace (case when reasons <> '' then raw end as raw) from (${cleaning.validated('select * from unusual')})`);
  const fastPath = fastPathSilver(
    duckdbDialect,
    context,
    cleaning.fastPath,
    `select * from (${rows}) r where everyday`,
  );
  return `${fastPath} union all ${silverRows(source, `select * from ${OTHERS}`)}`;
}

/**
 * How a batch's rows are cleaned: `judged` are the judged rows among some of them, all of them
 * where it is done at once. `short`: how everyday lines are read, where no row's fate hangs on the
 * others.
 */
type Cleaning = {
  materialised: boolean;
  fastPath: FastPath | undefined;
  validated(rows: string): string;
};

async function cleaningOf(
  { session, task, streamFrom }: BatchContext,
  context: RowsContext,
  batch: BatchRows,
): Promise<Cleaning> {
  const { source } = context;
  const { records } = batch;
  const share = task.limits.maxQuarantinedShare;
  const cleaned = (rows: string): string => cleanedRows(duckdbDialect, context, `(${rows}) r`);
  if (context.eachDay !== true && rowsRead(batch) > (streamFrom ?? MATERIALISED_ROWS)) {
    const overLimit = await tooManyRejected(session, share, records, cleaned(batch.rows.all));
    return {
      materialised: false,
      fastPath: overLimit.length === 0 ? batch.fastPath : undefined,
      validated: (rows) => validatedRows(source, cleaned(rows), overLimit),
    };
  }
  await session.run(
    `create or replace temp table cleaned as ${validatedRows(source, cleaned(batch.rows.all), [])}`,
  );
  const overLimit = await tooManyRejected(session, share, records, 'select * from cleaned');
  const validated = validatedRows(source, 'select * exclude (reasons) from cleaned', overLimit);
  return { materialised: true, fastPath: undefined, validated: () => validated };
}

/** Raised whenever the same rows are written as other bytes, be it in another order. */
const WRITER_VERSION = 2;

/** Of all that makes the rows: a repeated step writes the same bytes, and so to the same place. */
function batchDigest({ task, engine }: BatchContext, batch: BatchRows): string {
  const inputs = batch.records.map(
    ({ key, modified, sha256, rules, ingestion_date, ...record }) => [
      key,
      modified,
      sha256,
      rules,
      ingestion_date,
      // What was erased takes part in the verdict on the whole object.
      ...(record.rows.erased === undefined
        ? []
        : [record.rows.erased, record.erased_rejected ?? 0]),
    ],
  );
  return createHash('sha256')
    .update(JSON.stringify([engine, FORMAT, WRITER_VERSION, task.rates.digest, inputs]))
    .digest('hex')
    .slice(0, 32);
}

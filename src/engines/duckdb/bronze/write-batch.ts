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
import { REPAIRS_VALUES } from '../../../medallion/rejections.ts';
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
import type { Relation } from '../relation.ts';
import type { Session } from '../session.ts';
import { tooManyRejected } from './too-many-rejected.ts';

/** Rows of one batch with their context for the rules. */
export type BatchRows = {
  rows: Rows;
  context: Omit<RowsContext, 'timeZone'>;
  records: ObjectRecord[];
  read: number[];
  /** How to read the lines that the column `is_fast_path` marks; undefined without a fast path. */
  fastPath?: FastPath | undefined;
};

export type BatchContext = {
  session: Session;
  workspace: Workspace;
  task: BronzeToSilverInput;
  engine: string;
  streamFrom: number | undefined;
  /** Processes a batch's rows. */
  use(step: BatchContext, batch: BatchRows): Promise<BronzeResult>;
};

/** Rows up to which a batch is cleaned in a table, as planning the rules costs more than that. */
const MATERIALISED_ROWS = 20_000;

/**
 * Writes one batch's silver and quarantine files, one of each for each day, and counts their rows.
 * The fast path streams lines of a large batch from bronze to Parquet in one pass; all other rows
 * are validated once for both files. The batch is read again only for rows missing from silver.
 */
export async function writeBatch(step: BatchContext, batch: BatchRows): Promise<BronzeResult> {
  const { session, task } = step;
  const context: RowsContext = { ...batch.context, timeZone: task.timeZone };
  const digest = batchDigest(step, batch);
  let layers = await writeLayers(step, context, batch, digest);
  // Only accepted rows that delete may lack a rate.
  const accepted = context.source.deletes.length > 0 ? layers.silver : [];
  if (await lackedOlderRates(session, task.rates, pathsOf([...layers.quarantine, ...accepted])))
    layers = await writeLayers(step, context, batch, digest);
  const quarantine = await storeDayFiles(step, layers.quarantine, (day) =>
    quarantineKey(day, digest),
  );
  const silver = await storeDayFiles(step, layers.silver, (day) => silverKey(day, digest));
  return {
    objects: batch.records.map((record, index) =>
      counted(record, batch.read[index] ?? 0, layers.counts.get(record.key), {
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
  const good = await silverOf(session, context, batch, cleaning);
  const silver = await writeLayer(step, context, `silver-${digest}`, asEnums(batch, good.silver));
  await countSilver(session, pathsOf(silver), counts);
  const missing = rowsRead(batch) - acceptedOf(counts);
  const quarantine =
    missing === 0
      ? []
      : await writeLayer(
          step,
          context,
          `quarantine-${digest}`,
          await rejectedRowsOf(step, context, batch, cleaning, {
            silver,
            missing,
            others: good.others,
          }),
        );
  if (good.others !== undefined) await session.run(`drop table ${good.others}`);
  await countQuarantine(session, pathsOf(quarantine), counts);
  return { silver, quarantine, counts };
}

/**
 * Casts columns of few distinct texts to enums: DuckDB then writes them without hashing each value.
 */
function asEnums({ context, records }: BatchRows, silver: string): string {
  const { name } = context.source;
  const [only, ...more] = records;
  const columns = [
    `cast(${quoted(name)} as ${listOf([name])}) as source`,
    `cast(repairs as ${listOf(REPAIRS_VALUES)}) as repairs`,
  ];
  if (only !== undefined && more.length === 0)
    columns.push(`cast(${quoted(only.key)} as ${listOf([only.key])}) as object_key`);
  return `select * replace (${columns.join(', ')}) from (${silver})`;
}

/** An enum type accepts only string literals; `literal` may return an expression. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const listOf = (texts: readonly string[]): string => `enum(${texts.map(quoted).join(', ')})`;

/** A finished file of a layer with the batch's rows of one day. */
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
    // Removes files of an earlier attempt.
    await rm(path, { recursive: true, force: true });
    const daily = `select l.*, b.ingestion_day as day from (${select}) l join batch b using (object_key)`;
    return writeByDay(session, daily, path);
  }
  const rows = await writeParquet(session, select, `${path}.parquet`);
  if (rows > 0) return [{ day: ingestionDate, path: `${path}.parquet`, rows }];
  await rm(`${path}.parquet`);
  return [];
}

/** Stores the files in the lake and returns them by day. */
async function storeDayFiles(
  { workspace }: BatchContext,
  files: readonly DayFile[],
  keyOf: (day: string) => string,
): Promise<Map<string, DataFile>> {
  const stored = new Map<string, DataFile>();
  for (const { day, path, rows } of files) {
    stored.set(day, await storeFile(workspace, { path, key: keyOf(day), rows }));
    await rm(path);
  }
  return stored;
}

/**
 * Select of the batch's rejected rows. A materialised batch is already validated; of a streamed one
 * only the rows missing from silver are read again, `missing` in number.
 */
async function rejectedRowsOf(
  { session }: BatchContext,
  context: RowsContext,
  batch: BatchRows,
  cleaning: Cleaning,
  {
    silver,
    missing,
    others,
  }: { silver: readonly DayFile[]; missing: number; others: Relation | undefined },
): Promise<string> {
  const quarantine = (validated: string, rows: string): string =>
    `${quarantineRows(duckdbDialect, context, validated, `(${rows}) r`)} order by object_key, row_number`;
  const all = batch.rows.all;
  if (cleaning.materialised || silver.length === 0) return quarantine(cleaning.validated(all), all);
  if (others === undefined) {
    const isRow = context.source.rows === 'purchases';
    const rows = isRow ? await rowsMissingFromSilver(session, batch, pathsOf(silver)) : all;
    return quarantine(cleaning.validated(rows), rows);
  }
  const validated = `select * from ${others}`;
  // If as many of the other rows are rejected as rows are missing, silver has every fast path line.
  if ((await rejectedOthers(session, others)) === missing) return quarantine(validated, all);
  const rows = await rowsMissingFromSilver(session, batch, pathsOf(silver), others);
  return quarantine(`${validated} union all ${cleaning.validated(rows)}`, rows);
}

async function rejectedOthers(session: Session, others: Relation): Promise<number> {
  const [row] = await session.rows(`select count(*) as n from ${others} where reasons <> ''`);
  return Number(row?.['n'] ?? 0);
}

const rowsRead = ({ read }: BatchRows): number => read.reduce((sum, rows) => sum + rows, 0);

/**
 * Select of the batch's accepted rows: lines of the fast path, and all others through the rules.
 * `others` has the validated other rows, accepted and rejected, if the batch has a fast path.
 */
async function silverOf(
  session: Session,
  context: RowsContext,
  batch: BatchRows,
  cleaning: Cleaning,
): Promise<{ silver: string; others: Relation | undefined }> {
  const { source } = context;
  const rows = batch.rows.all;
  if (cleaning.fastPath === undefined)
    return { silver: silverRows(source, cleaning.validated(rows)), others: undefined };
  // Materialised, or DuckDB would pass on a few rows at a time, each at the cost of a whole chunk
  // of some thousand rows.
  const others = await session.table(
    'validated_others',
    `with unusual as materialized (select * from (${rows}) r where not is_fast_path)
select * replace (case when reasons <> '' then raw end as raw) from (${cleaning.validated('select * from unusual')})`,
  );
  const fastPath = fastPathSilver(
    duckdbDialect,
    context,
    cleaning.fastPath,
    `select * from (${rows}) r where is_fast_path`,
  );
  const silver = `${fastPath} union all ${silverRows(source, `select * from ${others}`)}`;
  return { silver, others };
}

/**
 * How to clean a batch. `validated` is a select of the given rows with their reasons, or of all
 * rows if the batch is materialised. `fastPath` is undefined if a row's outcome depends on other
 * rows.
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
  const table = await session.table('cleaned', validatedRows(source, cleaned(batch.rows.all), []));
  const overLimit = await tooManyRejected(session, share, records, `select * from ${table}`);
  const validated = validatedRows(source, `select * exclude (reasons) from ${table}`, overLimit);
  return { materialised: true, fastPath: undefined, validated: () => validated };
}

/** Incremented whenever the same rows are written as different bytes or in a different order. */
const WRITER_VERSION = 2;

/** Digest of all inputs of the rows: a repeated step writes the same bytes to the same keys. */
function batchDigest({ task, engine }: BatchContext, batch: BatchRows): string {
  const inputs = batch.records.map(
    ({ key, modified, sha256, rules, ingestion_date, ...record }) => [
      key,
      modified,
      sha256,
      rules,
      ingestion_date,
      // Erased rows count towards the limit of rejected rows of the object.
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

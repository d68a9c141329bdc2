import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ConservationViolated } from '../../errors.ts';
import { quarantineKey, silverKey } from '../../lake/layout.ts';
import type { BronzeToSilverTask, MadeObjects, Workplace } from '../../lake/ports/engine.ts';
import type { DataFile, ObjectRecord } from '../../lake/records.ts';
import {
  cleanedRows,
  judgedRows,
  quarantineRows,
  type RowsContext,
  silverRows,
} from '../../medallion/bronze-to-silver.ts';
import { type Everyday, everydaySilver } from '../../medallion/everyday.ts';
import { literal } from '../../medallion/text.ts';
import { duckdbDialect } from './dialect.ts';
import { parquet, storeFile, writeParquet } from './parquet.ts';
import type { Session } from './session.ts';

/** The rows of one batch as a relation, with what the rules must know of them. */
export type BatchRows = {
  rows: string;
  context: Omit<RowsContext, 'timeZone'>;
  records: ObjectRecord[];
  read: number[];
  /** How its everyday lines are read, where they can be: those that its column `everyday` marks. */
  everyday?: Everyday | undefined;
};

export type MakeBatch = {
  session: Session;
  work: Workplace;
  task: BronzeToSilverTask;
  engine: string;
  streamFrom: number | undefined;
  /** What becomes of a batch's rows. */
  use(make: MakeBatch, batch: BatchRows): Promise<MadeObjects>;
};

/** Up to so many rows are cleaned once, into a table: planning the rules costs more than their work. More stream from bronze to Parquet. */
const ROWS_AT_ONCE = 100_000;

/**
 * Writes one batch's silver and quarantine files and counts what is in them. Good rows of a large batch stream from bronze to Parquet in one
 * pass; only where fewer came out than the host counted is it read again, for the rows that are not in silver.
 */
export async function makeBatch(
  make: MakeBatch,
  batch: BatchRows,
): Promise<{ objects: ObjectRecord[]; files: DataFile[] }> {
  const { session, work, task } = make;
  const context: RowsContext = { ...batch.context, timeZone: task.timeZone };
  const cleaning = await cleaningOf(make, context, batch);
  const digest = batchDigest(make, batch);
  const files: DataFile[] = [];
  const silver = join(work.scratch, `silver-${digest}.parquet`);
  const accepted = await writeParquet(session, silverOf(context, batch, cleaning), silver);
  const counts = new Map<string, ObjectCounts>(
    batch.records.map((record) => [
      record.key,
      { accepted: 0, quarantined: 0, reasons: {}, repairs: {} },
    ]),
  );
  if (accepted > 0) await countSilver(session, silver, counts);
  const good = [...counts.values()].reduce((sum, count) => sum + count.accepted, 0);
  const { ingestionDate } = context;
  let quarantineName: string | null = null;
  if (good !== rowsOf(batch)) {
    const quarantine = join(work.scratch, `quarantine-${digest}.parquet`);
    const left =
      cleaning.atOnce || accepted === 0
        ? batch.rows
        : await leftOf(session, context, batch, silver);
    const judged = cleaning.judged(left);
    const rows = quarantineRows(duckdbDialect, context, judged, `(${left}) r`);
    const refused = await writeParquet(
      session,
      `${rows} order by object_key, row_number`,
      quarantine,
    );
    await countQuarantine(session, quarantine, counts);
    if (refused > 0) {
      quarantineName = quarantineKey(ingestionDate, digest);
      files.push(await storeFile(work.store, quarantine, quarantineName, refused));
    }
    await rm(quarantine);
  }
  if (accepted > 0)
    files.push(await storeFile(work.store, silver, silverKey(ingestionDate, digest), accepted));
  await rm(silver);
  const silverName = accepted > 0 ? silverKey(ingestionDate, digest) : null;
  return {
    objects: batch.records.map((record, index) =>
      counted(record, batch.read[index] ?? 0, counts.get(record.key), silverName, quarantineName),
    ),
    files,
  };
}

const rowsOf = ({ read }: BatchRows): number => read.reduce((sum, rows) => sum + rows, 0);

/** The batch's good rows: everyday lines by the short way, all others by the long one. */
function silverOf(context: RowsContext, batch: BatchRows, cleaning: Cleaning): string {
  const { source } = context;
  const { everyday, rows } = batch;
  if (everyday === undefined || !cleaning.rowByRow)
    return silverRows(source, cleaning.judged(rows));
  const short = everydaySilver(
    duckdbDialect,
    context,
    everyday,
    `select * from (${rows}) r where everyday`,
  );
  // Materialised, or DuckDB would apply all rules to all rows before it leaves the everyday ones out.
  const others = `with others as materialized (select * from (${rows}) r where not everyday)`;
  const long = silverRows(source, cleaning.judged('select * from others'));
  return `${short} union all select * from (${others} ${long})`;
}

/**
 * How a batch's rows are cleaned: `judged` are the judged rows among some of them, all of them where it is done at once.
 * `rowByRow`: no row's fate hangs on the others.
 */
type Cleaning = { atOnce: boolean; rowByRow: boolean; judged(rows: string): string };

async function cleaningOf(
  make: MakeBatch,
  context: RowsContext,
  batch: BatchRows,
): Promise<Cleaning> {
  const { source } = context;
  const cleaned = (rows: string): string => cleanedRows(duckdbDialect, context, `(${rows}) r`);
  if (rowsOf(batch) > (make.streamFrom ?? ROWS_AT_ONCE)) {
    const tooMany = await tooManyRefused(make, cleaned(batch.rows));
    return {
      atOnce: false,
      rowByRow: tooMany.length === 0,
      judged: (rows) => judgedRows(source, cleaned(rows), tooMany),
    };
  }
  await make.session.run(
    `create or replace temp table cleaned as ${judgedRows(source, cleaned(batch.rows), [])}`,
  );
  const tooMany = await tooManyRefused(make, 'select * from cleaned');
  const judged = judgedRows(source, 'select * exclude (reasons) from cleaned', tooMany);
  return { atOnce: true, rowByRow: false, judged: () => judged };
}

type ObjectCounts = {
  accepted: number;
  quarantined: number;
  reasons: Record<string, number>;
  repairs: Record<string, number>;
};

/** Names are made from all that makes the bytes, so that a repeated step writes the same bytes to the same place. */
function batchDigest({ task, engine }: MakeBatch, batch: BatchRows): string {
  const inputs = batch.records.map(({ key, modified, sha256, rules }) => [
    key,
    modified,
    sha256,
    rules,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([engine, task.rates.digest, batch.context.ingestionDate, inputs]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Rows of the batch that are not in its silver file, where one row is one version. Their numbers come first, out of whole numbers alone: a join of
 * all lines with all of silver takes ten times as long.
 */
async function leftOf(
  session: Session,
  { source }: RowsContext,
  batch: BatchRows,
  silver: string,
): Promise<string> {
  if (source.rows === 'lines') return batch.rows;
  const read = batch.records.map(({ key }, index) => `(${literal(key)}, ${batch.read[index]})`);
  await session.run(`create or replace temp table left_out as
select object_key, row_number from (select object_key, unnest(range(1, row_count + 1)) as row_number from (values ${read.join(', ')}) o(object_key, row_count)) r
anti join ${parquet([silver])} s using (object_key, row_number)`);
  return `select r.* from (${batch.rows}) r semi join left_out using (object_key, row_number)`;
}

/** Keys of the objects that refuse more than the allowed share of their rows; costs a pass of its own, so only where a share is set. */
async function tooManyRefused({ session, task }: MakeBatch, cleaned: string): Promise<string[]> {
  const share = task.limits.maxQuarantinedShare;
  if (share >= 1) return [];
  const rows = await session.rows(
    `select object_key, cast(sum(lines) filter (where row_reasons <> '') as bigint) as refused, cast(sum(lines) as bigint) as read from (${cleaned}) c group by object_key`,
  );
  return rows
    .filter(({ refused, read }) => Number(refused ?? 0) > share * Number(read))
    .map(({ object_key }) => object_key ?? '');
}

async function countSilver(
  session: Session,
  path: string,
  counts: Map<string, ObjectCounts>,
): Promise<void> {
  const rows = await session.rows(
    `select object_key, repairs, cast(sum(lines) as bigint) as lines, count(*) as versions from ${parquet([path])} group by all`,
  );
  for (const { object_key, repairs, lines, versions } of rows) {
    const count = counts.get(object_key ?? '');
    if (count === undefined)
      throw new Error(`silver names an object that was not read: ${object_key}`);
    count.accepted += Number(lines);
    for (const repair of (repairs ?? '').split(',').filter(Boolean))
      count.repairs[repair] = (count.repairs[repair] ?? 0) + Number(versions);
  }
}

async function countQuarantine(
  session: Session,
  path: string,
  counts: Map<string, ObjectCounts>,
): Promise<void> {
  const file = parquet([path]);
  for (const { object_key, reasons, refused } of await session.rows(
    `select object_key, reasons, count(*) as refused from ${file} group by all`,
  )) {
    const count = counts.get(object_key ?? '');
    if (count === undefined)
      throw new Error(`quarantine names an object that was not read: ${object_key}`);
    count.quarantined += Number(refused);
    for (const reason of (reasons ?? '').split(','))
      count.reasons[reason] = (count.reasons[reason] ?? 0) + Number(refused);
  }
}

/** The record with its counts. What the engine wrote must add up to what the host counted in the bytes (SPEC section 8). */
function counted(
  record: ObjectRecord,
  read: number,
  count: ObjectCounts | undefined,
  silver: string | null,
  quarantine: string | null,
): ObjectRecord {
  const { accepted = 0, quarantined = 0, reasons = {}, repairs = {} } = count ?? {};
  if (accepted + quarantined !== read)
    throw new ConservationViolated(
      `Rows of ${record.key} were lost: ${read} were read, ${accepted} accepted and ${quarantined} quarantined.`,
      {
        hint: 'Nothing was committed. Please report this with the file, or a part of it that shows the loss.',
      },
    );
  const whole = reasons['too_many_refused'];
  return {
    ...record,
    rows: { ...record.rows, read, accepted, quarantined },
    reasons,
    repairs,
    silver: accepted > 0 ? silver : null,
    quarantine: quarantined > 0 ? quarantine : null,
    ...(whole === undefined
      ? {}
      : {
          refused: {
            reason: 'too_many_refused' as const,
            message: `It refused more than the allowed share of its ${read} rows (\`limits.maxQuarantinedShare\`).`,
          },
        }),
  };
}

export const ratesRelation = (path: string): string =>
  `(select currency, rate_date, rate_aud as rate from read_csv(${literal(path)}, header = true, auto_detect = false, columns = {currency: 'VARCHAR', rate_date: 'DATE', rate_aud: 'DECIMAL(18,12)'}))`;

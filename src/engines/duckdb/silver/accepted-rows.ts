import {
  cleanedRows,
  type RowsContext,
  silverRows,
  validatedRows,
} from '../../../medallion/bronze-to-silver.ts';
import { type FastPath, fastPathSilver } from '../../../medallion/fast-path.ts';
import { REPAIRS_VALUES } from '../../../medallion/rejections.ts';
import type { BatchContext, BatchRows } from '../bronze/rows.ts';
import { duckdbDialect } from '../dialect.ts';
import type { Relation } from '../relation.ts';
import type { Session } from '../session.ts';
import { tooManyRejected } from './too-many-rejected.ts';

/** Rows up to which a batch is cleaned in a table, as planning the rules costs more than that. */
const MATERIALISED_ROWS = 20_000;

export const rowsRead = ({ read }: BatchRows): number => read.reduce((sum, rows) => sum + rows, 0);

/**
 * Select of the batch's accepted rows: lines of the fast path, and all others through the rules.
 * `others` has the validated other rows, accepted and rejected, if the batch has a fast path.
 */
export async function silverOf(
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
export type Cleaning = {
  materialised: boolean;
  fastPath: FastPath | undefined;
  validated(rows: string): string;
};

export async function cleaningOf(
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

/**
 * Casts columns of few distinct texts to enums: DuckDB then writes them without hashing each value.
 */
export function asEnums({ context, records }: BatchRows, silver: string): string {
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

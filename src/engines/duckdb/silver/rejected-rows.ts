import { quarantineRows, type RowsContext } from '../../../medallion/bronze-to-silver.ts';
import type { BatchContext, BatchRows } from '../bronze/rows.ts';
import { duckdbDialect } from '../dialect.ts';
import type { Relation } from '../relation.ts';
import type { Session } from '../session.ts';
import type { Cleaning } from './accepted-rows.ts';
import { type DayFile, pathsOf } from './day-files.ts';
import { rowsMissingFromSilver } from './rows-missing-from-silver.ts';

/**
 * Select of the batch's rejected rows. A materialised batch is already validated; of a streamed one
 * only the rows missing from silver are read again, `missing` in number.
 */
export async function rejectedRowsOf(
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

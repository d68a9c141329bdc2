import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { parquet } from '../files.ts';
import type { Rows } from './rows.ts';
import type { Session } from '../session.ts';

/**
 * Rows of the batch that are neither in its silver file nor in the table `known`, where one row is
 * one version. Accepted rows are bits, of which a million take 125 kB, and the zeros between them
 * are found by splitting their text: no table of all rows is held in memory, and no join of all
 * rows is made.
 */
export async function rowsMissingFromSilver(
  session: Session,
  batch: { rows: Rows; records: readonly ObjectRecord[]; read: readonly number[] },
  silver: readonly string[],
  known?: string,
): Promise<string> {
  const read = batch.records.map(({ key }, index) => `(${literal(key)}, ${batch.read[index]})`);
  const most = Math.max(1, ...batch.read);
  await session.run(`create or replace temp table left_out as
with accepted as (
  select object_key, bitstring_agg(row_number, 1, ${most}) as bits from ${parquet(session, silver)} group by object_key),
stretches as (
  select object_key, row_count, unnest(ones) as ones, generate_subscripts(ones, 1) as nth
  from (select object_key, row_count, string_split(coalesce(cast(bits as varchar), repeat('0', row_count)), '0') as ones
    from (values ${read.join(', ')}) o(object_key, row_count) left join accepted using (object_key))),
zeros as (
  select object_key, row_count, sum(length(ones) + 1) over (partition by object_key order by nth rows unbounded preceding) as row_number from stretches)
select object_key, cast(row_number as bigint) as row_number from zeros where row_number <= row_count`);
  if (known !== undefined)
    await session.run(
      `create or replace temp table left_out as from left_out anti join ${known} using (object_key, row_number)`,
    );
  return batch.rows.matching('left_out');
}

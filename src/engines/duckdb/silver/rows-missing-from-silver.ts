import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { parquet } from '../files.ts';
import type { Relation } from '../relation.ts';
import type { Rows } from '../bronze/rows.ts';
import type { Session } from '../session.ts';

/**
 * Select of the batch's rows that are neither in its silver files nor in `known`, for a source in
 * which one row is one version. Accepted rows are bits, 125 kB for a million, and splitting their
 * text finds the zeros between them: this needs no table of all rows in memory and no join of all
 * rows.
 */
export async function rowsMissingFromSilver(
  session: Session,
  batch: { rows: Rows; records: readonly ObjectRecord[]; read: readonly number[] },
  silver: readonly string[],
  known?: Relation,
): Promise<string> {
  const read = batch.records.map(({ key }, index) => `(${literal(key)}, ${batch.read[index]})`);
  const most = Math.max(1, ...batch.read);
  let missing = await session.table(
    'missing_rows',
    `with accepted as (
  select object_key, bitstring_agg(row_number, 1, ${most}) as bits from ${parquet(session, silver)} group by object_key),
stretches as (
  select object_key, row_count, unnest(ones) as ones, generate_subscripts(ones, 1) as nth
  from (select object_key, row_count, string_split(coalesce(cast(bits as varchar), repeat('0', row_count)), '0') as ones
    from (values ${read.join(', ')}) o(object_key, row_count) left join accepted using (object_key))),
zeros as (
  select object_key, row_count, sum(length(ones) + 1) over (partition by object_key order by nth rows unbounded preceding) as row_number from stretches)
select object_key, cast(row_number as bigint) as row_number from zeros where row_number <= row_count`,
  );
  if (known !== undefined)
    missing = await session.table(
      'missing_rows',
      `from ${missing} anti join ${known} using (object_key, row_number)`,
    );
  return batch.rows.matching(missing);
}

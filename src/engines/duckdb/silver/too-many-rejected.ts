import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import type { Session } from '../session.ts';

/**
 * Keys of the objects that reject more than the allowed share of their rows, erased rows included
 * as they were counted before. Takes an extra pass over the rows, so only if a share is set.
 */
export async function tooManyRejected(
  session: Session,
  share: number,
  records: readonly ObjectRecord[],
  cleaned: string,
): Promise<string[]> {
  if (share >= 1) return [];
  const rows = await session.rows(
    `select object_key, cast(sum(lines) filter (where row_reasons <> '') as bigint) as rejected, cast(sum(lines) as bigint) as read from (${cleaned}) c group by object_key`,
  );
  const counted = new Map(rows.map(({ object_key, ...counts }) => [object_key, counts]));
  const isOver = ({ key, rows: { erased = 0 }, erased_rejected = 0 }: ObjectRecord): boolean => {
    const { rejected, read } = counted.get(key) ?? {};
    return Number(rejected ?? 0) + erased_rejected > share * (Number(read ?? 0) + erased);
  };
  return records
    .filter((record) => counted.has(record.key) && isOver(record))
    .map(({ key }) => key);
}

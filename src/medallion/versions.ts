import { CLEANED_COLUMNS, names } from './layers.ts';

/**
 * Which version of each purchase wins (SPEC section 6). `versions` has silver's columns and
 * `arrival`, a BIGINT that is unique in the lake and grows in the order (ingestion_date,
 * last-modified time, key, row number). Only purchases named twice are ranked: a window over all
 * rows was the slowest part of the plain script, and finding repeated ids by a hash of the id alone
 * takes a fraction of it.
 */
export const VERSION_ORDER = `case when updated_micros is not null then 2 when updated_number is not null then 1 else 0 end desc,
    coalesce(updated_micros, 0) desc, coalesce(updated_number, 0) desc, arrival desc`;

/** Every version of `versions` with its place among those of its purchase: 1 is the winner. */
export const rankedVersions = (versions: string): string => `select *,
  row_number() over (partition by source, purchase_id order by ${VERSION_ORDER}) as place
from ${versions}`;

const same = names(CLEANED_COLUMNS)
  .map((column) => `v.${column} is not distinct from w.${column}`)
  .join(' and ');

/** What became of a version that won. */
export const FATE_OF_WINNER = `case when deletes then 'deleted' else 'accepted' end as fate`;

/** What became of a version `v` whose purchase's winner is `w`. */
export const FATE = `case when v.place = 1 then case when v.deletes then 'deleted' else 'accepted' end
    when ${same} then 'duplicate' else 'superseded' end`;

/**
 * What became of each version in `ranked`: `accepted` or `deleted` for a winner, `duplicate` where
 * it says just what the winner says, else `superseded`; as rows (object_key, fate, lines).
 */
export function fates(ranked: string): string {
  return `select v.object_key,
  ${FATE} as fate,
  v.lines
from ${ranked} v join ${ranked} w on w.source = v.source and w.purchase_id = v.purchase_id and w.place = 1`;
}

/**
 * The same of a whole lake, where only the versions of repeated purchases were ranked: what stands
 * there alone is a winner, and every version less the ranked ones is cheaper to count than those
 * that are alone are to find.
 */
export function allFates(versions: string, ranked: string): string {
  return `${fates(ranked)}
union all select object_key, ${FATE_OF_WINNER}, lines from ${versions}
union all select object_key, ${FATE_OF_WINNER}, -lines from ${ranked}`;
}

/**
 * Of the `ranked` versions of repeated purchases those that name several customers, or some a
 * customer and some none, as (source, purchase_id): versions of all others are found by their
 * customer alone.
 */
export const sharedPurchases = (
  ranked: string,
): string => `select source, purchase_id from ${ranked}
group by source, purchase_id having count(distinct customer_id) + case when count(customer_id) < count(*) then 1 else 0 end > 1`;

/** Lines by object and fate. */
export const fateCounts = (fated: string): string =>
  `select object_key, fate, cast(sum(lines) as bigint) as lines from (${fated}) f group by object_key, fate having sum(lines) > 0`;

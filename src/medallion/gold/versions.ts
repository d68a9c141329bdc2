import { CLEANED_COLUMNS, names } from '../layers.ts';

/**
 * The order of a purchase's versions, the winner first (SPEC section 6). `versions` has silver's
 * columns and `arrival`, a BIGINT that is unique in the lake and grows in the order
 * (ingestion_date, last-modified time, key, row number). Only purchases with several versions are
 * ranked: a window over all rows was the slowest part of the plain script, and finding repeated ids
 * by a hash of the id alone takes a fraction of its time.
 */
export const VERSION_ORDER = `case when updated_micros is not null then 2 when updated_number is not null then 1 else 0 end desc,
    coalesce(updated_micros, 0) desc, coalesce(updated_number, 0) desc, arrival desc`;

/**
 * Every version of `versions` with its rank among those of its purchase, the column `place`: 1 is
 * the winner.
 */
export const rankedVersions = (versions: string): string => `select *,
  row_number() over (partition by source, purchase_id order by ${VERSION_ORDER}) as place
from ${versions}`;

const same = names(CLEANED_COLUMNS)
  .map((column) => `v.${column} is not distinct from w.${column}`)
  .join(' and ');

/** The outcome of a winner, as the column `fate`. */
export const OUTCOME_OF_WINNER = `case when deletes then 'deleted' else 'accepted' end as fate`;

/** The outcome of a version `v` of a purchase whose winner is `w`. */
export const OUTCOME = `case when v.place = 1 then case when v.deletes then 'deleted' else 'accepted' end
    when ${same} then 'duplicate' else 'superseded' end`;

/**
 * The outcome of each version in `ranked`: `accepted` or `deleted` for a winner, `duplicate` where
 * its values equal the winner's, else `superseded`; as rows (object_key, fate, lines).
 */
export function outcomes(ranked: string): string {
  return `select v.object_key,
  ${OUTCOME} as fate,
  v.lines
from ${ranked} v join ${ranked} w on w.source = v.source and w.purchase_id = v.purchase_id and w.place = 1`;
}

/**
 * `outcomes` of a whole lake, where only the versions of repeated purchases are ranked and every
 * other version is a winner. All versions less the ranked ones are cheaper to count than the others
 * are to find.
 */
export function allOutcomes(versions: string, ranked: string): string {
  return `${outcomes(ranked)}
union all select object_key, ${OUTCOME_OF_WINNER}, lines from ${versions}
union all select object_key, ${OUTCOME_OF_WINNER}, -lines from ${ranked}`;
}

/**
 * Among the `ranked` versions of repeated purchases, the purchases whose versions have several
 * customers, or a customer in some and none in others, as (source, purchase_id). The versions of
 * every other purchase are found by their customer alone.
 */
export const sharedPurchases = (
  ranked: string,
): string => `select source, purchase_id from ${ranked}
group by source, purchase_id having count(distinct customer_id) + case when count(customer_id) < count(*) then 1 else 0 end > 1`;

/** Lines by object and outcome. */
export const outcomeCounts = (versions: string): string =>
  `select object_key, fate, cast(sum(lines) as bigint) as lines from (${versions}) f group by object_key, fate having sum(lines) > 0`;

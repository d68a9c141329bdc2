import { SERVING_VALUES } from './serving-columns.ts';

/**
 * The load between two versions of gold: customers that are new or changed as `upsert`, vanished
 * ones as `delete`, in order of customer_id (so that two upserts lock rows in one order). Without
 * `before`, all of `after`.
 */
export function goldDifference(before: string | undefined, after: string): string {
  const upserted = `select a.customer_id, ${SERVING_VALUES.map((column) => `a.${column}`).join(', ')}, 'upsert' as operation from ${after} a`;
  if (before === undefined) return `${upserted} order by customer_id`;
  const differs = SERVING_VALUES.map((column) => `a.${column} is distinct from b.${column}`).join(
    ' or ',
  );
  const none = SERVING_VALUES.map(() => 'null').join(', ');
  return `${upserted} left join ${before} b on b.customer_id = a.customer_id
where b.customer_id is null or ${differs}
union all
select b.customer_id, ${none}, 'delete' as operation from ${before} b
where not exists (select 1 from ${after} a where a.customer_id = b.customer_id)
order by customer_id`;
}

/** Columns of the serving table besides customer_id: all of gold's without the count. */
const SERVED = [
  'full_name',
  'email',
  'total_spent_aud',
  'first_purchase_date',
  'last_purchase_date',
] as const;

/**
 * The load between two versions of gold: new and changed customers as `upsert`, those that are gone
 * as `delete`. It is ordered by customer_id, so that concurrent upserts lock rows in one order.
 * Without `before` it is all of `after`.
 */
export function goldDifference(before: string | undefined, after: string): string {
  const upserted = `select a.customer_id, ${SERVED.map((column) => `a.${column}`).join(', ')}, 'upsert' as operation from ${after} a`;
  if (before === undefined) return `${upserted} order by customer_id`;
  const differs = SERVED.map((column) => `a.${column} is distinct from b.${column}`).join(' or ');
  const none = SERVED.map(() => 'null').join(', ');
  return `${upserted} left join ${before} b on b.customer_id = a.customer_id
where b.customer_id is null or ${differs}
union all
select b.customer_id, ${none}, 'delete' as operation from ${before} b
where not exists (select 1 from ${after} a where a.customer_id = b.customer_id)
order by customer_id`;
}

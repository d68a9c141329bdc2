import type { Dialect } from '../sql/dialect.ts';
import { customers } from './silver-to-gold.ts';
import { allOutcomes, rankedVersions } from './versions.ts';

/** The select of one relation, from the names of the relations that it reads. */
type Step<Reads extends string> = (relations: Readonly<Record<Reads, string>>) => string;

/**
 * Ranks the versions of purchases that have several; a single version wins unranked. `hash` is an
 * expression over `source` and `purchase_id`, `columns` the columns of `versions` to keep.
 *
 * 1. `repeated`: the hashes that several versions have; two purchases may share one.
 * 2. `ranked`: the versions with these hashes, with the rank in their purchase as `place`.
 * 3. `superseded`: the arrivals of the versions that do not win.
 */
export function rankSteps(hash: string, columns: readonly string[]) {
  const repeated: Step<'versions'> = ({ versions }) =>
    `select id_hash from (select ${hash} as id_hash from ${versions}) h group by id_hash having count(*) > 1`;
  const ranked: Step<'versions' | 'repeated'> = (from) =>
    rankedVersions(
      `(select ${columns.map((name) => `v.${name}`).join(', ')} from (select *, ${hash} as id_hash from ${from.versions}) v semi join ${from.repeated} r on r.id_hash = v.id_hash)`,
    );
  const superseded: Step<'ranked'> = (from) => `select arrival from ${from.ranked} where place > 1`;
  return { repeated, ranked, superseded };
}

/**
 * Gold of a whole lake (SPEC section 7). `versions` has every live version with its customer
 * resolved; the relations of `rankSteps` over it come first.
 *
 * 1. `winners`: the versions that count.
 * 2. `outcomes`: the outcome of each version, which the object's record counts.
 * 3. `gold`: one row for each customer.
 */
export function fullSteps(dialect: Dialect) {
  const winners: Step<'versions' | 'superseded'> = ({ versions, superseded }) =>
    `select v.* from ${versions} v anti join ${superseded} s on s.arrival = v.arrival where not v.deletes`;
  const outcomes: Step<'versions' | 'ranked'> = ({ versions, ranked }) =>
    allOutcomes(versions, ranked);
  const gold: Step<'winners'> = (from) => customers(dialect, from.winners);
  return { winners, outcomes, gold };
}

/**
 * Gold from the gold before and the rows that arrived or departed since, `changed` (source,
 * purchase_id, customer_id, customer_key). Only the touched customers are computed again: the
 * customers of every version, past or present, of a purchase with a changed row.
 *
 * 1. `changedPurchases`: the purchases with a changed row.
 * 2. `namedCustomers`: the customers of the changed rows.
 * 3. `touchedCustomers`: also those of the other versions of the changed purchases.
 * 4. `affectedPurchases`: the changed purchases, and those with a version of a touched customer,
 *    which may lose to a version of another customer.
 * 5. `affectedVersions`: their versions. The relations of `rankSteps` over them come next.
 * 6. `winners`: the versions that count for touched customers.
 * 7. `outcomes`: the outcome of each version of the changed purchases.
 * 8. `recomputed`: the rows of the touched customers.
 * 9. `gold`: the gold before, with these rows in place of theirs.
 */
export function incrementSteps(dialect: Dialect, columns: readonly string[]) {
  const kept = columns.map((name) => `v.${name}`).join(', ');
  const changedPurchases: Step<'changed'> = ({ changed }) =>
    `select distinct source, purchase_id from ${changed}`;
  const namedCustomers: Step<'changed' | 'customerKeys'> = ({ changed, customerKeys }) =>
    `select distinct coalesce(c.customer_id, k.customer_id) as customer_id
from ${changed} c left join ${customerKeys} k on k.customer_key = c.customer_key
where coalesce(c.customer_id, k.customer_id) is not null`;
  const touchedCustomers: Step<'namedCustomers' | 'versions' | 'changedPurchases'> = (from) =>
    `select customer_id from ${from.namedCustomers}
union select v.customer_id from ${ofPurchases(from.versions, from.changedPurchases)} where v.customer_id is not null`;
  const affectedPurchases: Step<'changedPurchases' | 'versions' | 'touchedCustomers'> = (from) =>
    `select source, purchase_id from ${from.changedPurchases}
union select v.source, v.purchase_id from ${ofCustomers(from.versions, from.touchedCustomers)}`;
  const affectedVersions: Step<'versions' | 'affectedPurchases'> = (from) =>
    `select ${kept} from ${ofPurchases(from.versions, from.affectedPurchases)}`;
  const winners: Step<'affectedVersions' | 'superseded' | 'touchedCustomers'> = (from) =>
    `select v.* from ${ofCustomers(from.affectedVersions, from.touchedCustomers)}
anti join ${from.superseded} s on s.arrival = v.arrival where not v.deletes`;
  const outcomes: Step<'affectedVersions' | 'ranked' | 'changedPurchases'> = (from) =>
    allOutcomes(
      `(select v.* from ${ofPurchases(from.affectedVersions, from.changedPurchases)}) a`,
      `(select v.* from ${ofPurchases(from.ranked, from.changedPurchases)})`,
    );
  const recomputed: Step<'winners'> = (from) => customers(dialect, from.winners);
  const gold: Step<'goldBefore' | 'touchedCustomers' | 'recomputed'> = (from) =>
    `select g.* from ${from.goldBefore} g anti join ${from.touchedCustomers} t on t.customer_id = g.customer_id
union all select * from ${from.recomputed}`;
  return {
    changedPurchases,
    namedCustomers,
    touchedCustomers,
    affectedPurchases,
    affectedVersions,
    winners,
    outcomes,
    recomputed,
    gold,
  };
}

const ofPurchases = (versions: string, purchases: string): string =>
  `${versions} v semi join ${purchases} p on p.source = v.source and p.purchase_id = v.purchase_id`;

const ofCustomers = (versions: string, touched: string): string =>
  `${versions} v semi join ${touched} t on t.customer_id = v.customer_id`;

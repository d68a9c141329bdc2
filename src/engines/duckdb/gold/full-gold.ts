import { fullSteps } from '../../../medallion/gold/gold-recipe.ts';
import {
  customerPlaces,
  customersAt,
  DISPLAY_NAME,
} from '../../../medallion/gold/silver-to-gold.ts';
import { duckdbDialect } from '../dialect.ts';
import type { Relation } from '../relation.ts';
import type { Session } from '../session.ts';
import { RANKED_COLUMNS, rank } from './rank.ts';

const FULL = fullSteps(duckdbDialect);

/** Ranks the versions of the whole lake. */
export async function rankEverything(
  session: Session,
  versions: Relation,
  rows: number,
): Promise<{ ranked: Relation; winners: Relation; outcomes: Relation }> {
  const { ranked, superseded } = await rank(session, versions, RANKED_COLUMNS, rows);
  return {
    ranked,
    winners: await session.view('winners', FULL.winners({ versions, superseded })),
    outcomes: await session.view('outcomes', FULL.outcomes({ versions, ranked })),
  };
}

/** Memory for the aggregation tables of all threads, which DuckDB's memory limit does not cover. */
const AGGREGATE_BYTES = 256e6;
/** Memory for one customer in such a table. */
const CUSTOMER_BYTES = 100;

/**
 * Totals of each customer. If customer ids are dense, as sequential ids are, and fewer than the
 * versions, DuckDB aggregates in arrays indexed by id, one for each thread and one for the result.
 * A hash aggregate would first hold nearly one row for each purchase: 0.3 GB more for ten million.
 */
async function aggregateCustomers(
  session: Session,
  winners: Relation,
  versions: number,
): Promise<Relation> {
  const [setting] = await session.rows(`select current_setting('threads') as threads`);
  const room = AGGREGATE_BYTES / CUSTOMER_BYTES / (Number(setting?.['threads']) + 1);
  const bits = Math.log2(Math.max(1, Math.min(room, versions)));
  await session.run(`set perfect_ht_threshold = ${Math.floor(bits)}`);
  const totals = await session.table('customer_totals', customerPlaces(duckdbDialect, winners));
  await session.run('reset perfect_ht_threshold');
  return totals;
}

/**
 * Replaces the step `gold` of the recipe: DuckDB would copy a name and an address for each purchase
 * newer than those before it.
 */
export async function allCustomers(
  session: Session,
  versions: Relation,
  winners: Relation,
  rows: number,
): Promise<string> {
  const totals = await aggregateCustomers(session, winners, rows);
  // A CTE and not a table: DuckDB would compute statistics of a table.
  return `with texts as materialized (
select arrival, ${DISPLAY_NAME} as display_name, email
from (select full_name, first_name, last_name, email, arrival from ${versions}) v
semi join (select name_at as arrival from ${totals} union select email_at from ${totals}) p using (arrival))
${customersAt(totals, 'texts', 'texts')}`;
}

import { join } from 'node:path';

import { TotalOutOfRange } from '../../../errors.ts';
import type { GoldResult, SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import { storeGold } from '../../../lake/files/store-file.ts';
import {
  customerPlaces,
  customersAt,
  DISPLAY_NAME,
  goldDigest,
} from '../../../medallion/gold/silver-to-gold.ts';
import { fullSteps } from '../../../medallion/gold/gold-recipe.ts';
import { outcomeCounts, sharedPurchases } from '../../../medallion/gold/versions.ts';
import { registerKeys } from './customer-keys.ts';
import { duckdbDialect } from '../dialect.ts';
import { parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import type { Relation } from '../relation.ts';
import { RANKED_COLUMNS, rank } from './rank.ts';
import type { Session } from '../session.ts';
import { type LiveVersions, openVersions } from './live-versions.ts';
import { type Increment, replaceTouched, storeChanges, goldIncrement } from './increment.ts';

/**
 * Writes gold from the live silver files: all customers, or the previous gold with the touched
 * customers replaced.
 */
export async function silverToGold(
  session: Session,
  workspace: Workspace,
  task: SilverToGoldInput,
): Promise<GoldResult> {
  const live = await openVersions(session, workspace, task, task.before?.arrived);
  const added = live.arrived?.stored ?? live.stored;
  const keys = await registerKeys(session, workspace, task.keys, live, added);
  const sources = await goldSources(session, workspace, task, live);
  const outcomes = await countOutcomes(session, task.counted, sources.outcomes);
  workspace.signal.throwIfAborted();
  const path = join(workspace.scratch, 'gold.parquet');
  const rows = await writeParquet(session, `${await sources.select()} order by customer_id`, path);
  const written = parquet(session, [path]);
  const { before, increment } = sources;
  await totalsMustFit(session, increment?.recomputed ?? written);
  const digest =
    increment === undefined
      ? await digestOf(session, written)
      : BigInt(before.digest) +
        (await digestOf(session, increment.recomputed)) -
        (await digestOf(session, increment.previous));
  const [total] = await session.rows(
    `select cast(coalesce(sum(total_spent_aud), 0.00) as varchar) as total from ${written}`,
  );
  const stored = await storeGold(workspace, task.goldPrefix, [{ path, rows }]);
  const isSharedKnown = task.before === undefined || task.before.shared !== undefined;
  return {
    ...stored,
    customers: rows,
    total: total?.['total'] ?? '0.00',
    digest: String(digest),
    fates: outcomes,
    keys,
    ...(isSharedKnown ? await sharedOf(session, sources.maybeShared) : {}),
    ...(increment === undefined
      ? {}
      : { changes: await storeChanges(session, workspace, before, increment) }),
  };
}

/**
 * Relations that gold and its counts are read from. `select` is called after the outcomes are
 * counted: it may create tables. `maybeShared` are ranked versions of purchases that may name
 * several customers.
 */
type GoldSources = { outcomes: Relation; maybeShared: string; select(): Promise<string> } & (
  | { before: NonNullable<SilverToGoldInput['before']>; increment: Increment }
  | { before?: undefined; increment?: undefined }
);

async function goldSources(
  session: Session,
  workspace: Workspace,
  { before, live: objects }: SilverToGoldInput,
  live: LiveVersions,
): Promise<GoldSources> {
  const versions = objects.reduce((sum, { rows }) => sum + rows, 0);
  const { arrived } = live;
  if (before !== undefined && arrived !== undefined) {
    const increment = await goldIncrement(
      session,
      workspace,
      before,
      { ...live, arrived },
      versions,
    );
    const select = (): Promise<string> => replaceTouched(session, workspace, before, increment);
    const { outcomes, maybeShared } = increment;
    return { outcomes, maybeShared, select, before, increment };
  }
  const { ranked, winners, outcomes } = await rankEverything(session, live.versions, versions);
  return {
    outcomes,
    maybeShared: ranked,
    select: () => allCustomers(session, live.versions, winners, versions),
  };
}

/** Limit of shared purchases to record; if there are more, each increment searches for them. */
const MOST_SHARED = 1_000;

/** Purchases whose versions name several customers. */
async function sharedOf(
  session: Session,
  maybeShared: string,
): Promise<Pick<GoldResult, 'shared'>> {
  const rows = await session.rows(
    `${sharedPurchases(maybeShared)} order by all limit ${MOST_SHARED + 1}`,
  );
  if (rows.length > MOST_SHARED) return {};
  return { shared: rows.map(({ source, purchase_id }) => [source ?? '', purchase_id ?? '']) };
}

const FULL = fullSteps(duckdbDialect);

/** Ranks the versions of the whole lake. */
async function rankEverything(
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
async function allCustomers(
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

/** Sum of a digest of each row, so that changed rows can be added and subtracted. */
async function digestOf(session: Session, gold: string): Promise<bigint> {
  const [row] = await session.rows(goldDigest(duckdbDialect, gold));
  return BigInt(row?.['digest'] ?? 0);
}

async function countOutcomes(
  session: Session,
  counted: readonly string[],
  outcomes: Relation,
): Promise<GoldResult['fates']> {
  const wanted = new Set(counted);
  const result: GoldResult['fates'] = Object.fromEntries(
    counted.map((key) => [key, { accepted: 0, duplicate: 0, superseded: 0, deleted: 0 }]),
  );
  for (const { object_key, fate, lines } of await session.rows(
    outcomeCounts(`select * from ${outcomes}`),
  )) {
    const key = object_key ?? '';
    const counts = wanted.has(key) ? result[key] : undefined;
    if (counts !== undefined) counts[fate as keyof typeof counts] = Number(lines);
  }
  return result;
}

async function totalsMustFit(session: Session, gold: string): Promise<void> {
  const [row] = await session.rows(
    `select customer_id from ${gold} where total_spent_aud is null order by customer_id limit 1`,
  );
  if (row !== undefined)
    throw new TotalOutOfRange(
      `The total of customer ${row['customer_id']} does not fit DECIMAL(18,2), below 10^16 AUD.`,
      {
        hint: `List its purchases: purchases query "select * from silver where customer_id = ${row['customer_id']} order by amount_aud desc".`,
      },
    );
}

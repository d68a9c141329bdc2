import { join } from 'node:path';

import { TotalOutOfRange } from '../../../errors.ts';
import type { GoldResult, SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import { storeGold } from '../../../lake/files/store-file.ts';
import {
  customerPlaces,
  customersAt,
  DISPLAY_NAME,
  goldDigest,
} from '../../../medallion/silver-to-gold.ts';
import { allFates, fateCounts, sharedPurchases } from '../../../medallion/versions.ts';
import { registerKeys } from './customer-keys.ts';
import { duckdbDialect } from '../dialect.ts';
import { parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import { JUDGED_COLUMNS, rank } from './rank.ts';
import type { Session } from '../session.ts';
import { openVersions } from './live-versions.ts';
import { onTop, storeChanges, touchedCustomers } from './increment.ts';

/**
 * Makes gold from the live silver files: of all customers, or of those whom a change touches, on
 * top of the gold before.
 */
export async function silverToGold(
  session: Session,
  workspace: Workspace,
  task: SilverToGoldInput,
): Promise<GoldResult> {
  const before = task.before;
  const anyKey = await openVersions(session, workspace, task, before?.arrived);
  const arrived = before === undefined ? 'versions_read' : 'arrived_read';
  const keys = await registerKeys(session, workspace, task.keys, { anyKey, arrived });
  const versions = task.live.reduce((sum, { rows }) => sum + rows, 0);
  if (before === undefined) await rankEverything(session, versions);
  else await touchedCustomers(session, workspace, before, versions);
  const counts = await countOutcomes(session, task.counted);
  workspace.signal.throwIfAborted();
  const path = join(workspace.scratch, 'gold.parquet');
  const select =
    before === undefined
      ? await allCustomers(session, versions)
      : await onTop(session, workspace, before);
  const rows = await writeParquet(session, `${select} order by customer_id`, path);
  await totalsMustFit(session, before === undefined ? parquet(session, [path]) : 'fresh');
  const digest =
    before === undefined
      ? await digestOf(session, parquet(session, [path]))
      : BigInt(before.digest) +
        (await digestOf(session, 'fresh')) -
        (await digestOf(session, 'former'));
  const [total] = await session.rows(
    `select cast(coalesce(sum(total_spent_aud), 0.00) as varchar) as total from ${parquet(session, [path])}`,
  );
  const stored = await storeGold(workspace, task.goldPrefix, [{ path, rows }]);
  return {
    ...stored,
    customers: rows,
    total: total?.['total'] ?? '0.00',
    digest: String(digest),
    fates: counts,
    keys,
    ...(await sharedOf(session, before)),
    ...(before === undefined ? {} : { changes: await storeChanges(session, workspace, before) }),
  };
}

/** More of them are not noted: then they are looked for each time. */
const MOST_SHARED = 1_000;

/**
 * Purchases whose versions name several customers: those among all, or among those that did before
 * and those that changed.
 */
async function sharedOf(
  session: Session,
  before: SilverToGoldInput['before'],
): Promise<Pick<GoldResult, 'shared'>> {
  if (before !== undefined && before.shared === undefined) return {};
  const maybe =
    before === undefined
      ? 'ranked'
      : '(from ranked semi join (from changed_purchases union from shared_before) using (source, purchase_id))';
  const rows = await session.rows(
    `${sharedPurchases(maybe)} order by all limit ${MOST_SHARED + 1}`,
  );
  if (rows.length > MOST_SHARED) return {};
  return { shared: rows.map(({ source, purchase_id }) => [source ?? '', purchase_id ?? '']) };
}

/** Winners of a whole lake. */
async function rankEverything(session: Session, versions: number): Promise<void> {
  await rank(session, 'versions', JUDGED_COLUMNS, versions);
  await session.run(
    `create temp view winners as select * from versions anti join beaten using (arrival) where not deletes`,
  );
  await session.run(`create temp view judged as ${allFates('versions', 'ranked')}`);
}

/**
 * The most that the tables of places of all threads may take: DuckDB does not count them to its
 * memory limit.
 */
const PLACES_BYTES = 256e6;
/** Of one customer's place. */
const PLACE_BYTES = 100;

/**
 * The table `places`. Where customers' numbers lie close together, as those that are handed out one
 * by one do, and there are fewer of them than versions, DuckDB adds up in tables with a place for
 * each number, one a thread and one of all. By hash nearly each purchase has a row of its own at
 * first: 0.3 GB more of ten million.
 */
async function aggregateCustomers(session: Session, versions: number): Promise<void> {
  const [setting] = await session.rows(`select current_setting('threads') as threads`);
  const room = PLACES_BYTES / PLACE_BYTES / (Number(setting?.['threads']) + 1);
  const bits = Math.log2(Math.max(1, Math.min(room, versions)));
  await session.run(`set perfect_ht_threshold = ${Math.floor(bits)}`);
  await session.run(`create temp table places as ${customerPlaces(duckdbDialect, 'winners')}`);
  await session.run('reset perfect_ht_threshold');
}

async function allCustomers(session: Session, versions: number): Promise<string> {
  await aggregateCustomers(session, versions);
  // Not a table, of which DuckDB would take statistics.
  return `with texts as materialized (
select arrival, ${DISPLAY_NAME} as display_name, email
from (select full_name, first_name, last_name, email, arrival from versions) v
semi join (select name_at as arrival from places union select email_at from places) p using (arrival))
${customersAt('places', 'texts', 'texts')}`;
}

/** A sum of what each row makes, so that rows that come and go are added to it and taken off. */
async function digestOf(session: Session, gold: string): Promise<bigint> {
  const [row] = await session.rows(goldDigest(duckdbDialect, gold));
  return BigInt(row?.['digest'] ?? 0);
}

async function countOutcomes(
  session: Session,
  counted: readonly string[],
): Promise<GoldResult['fates']> {
  const wanted = new Set(counted);
  const result: GoldResult['fates'] = Object.fromEntries(
    counted.map((key) => [key, { accepted: 0, duplicate: 0, superseded: 0, deleted: 0 }]),
  );
  for (const { object_key, fate, lines } of await session.rows(
    fateCounts('select * from judged'),
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
        hint: `See what it is made of: purchases query "select * from silver where customer_id = ${row['customer_id']} order by amount_aud desc".`,
      },
    );
}

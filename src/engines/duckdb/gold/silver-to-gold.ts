import { join } from 'node:path';

import { TotalOutOfRange } from '../../../errors.ts';
import type { GoldResult, SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import { storeGold } from '../../../lake/files/store-file.ts';
import { goldDigest } from '../../../medallion/gold/silver-to-gold.ts';
import { outcomeCounts, sharedPurchases } from '../../../medallion/gold/versions.ts';
import { allCustomers, rankEverything } from './full-gold.ts';
import { registerKeys } from './customer-keys.ts';
import { duckdbDialect } from '../dialect.ts';
import { parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import type { Relation } from '../relation.ts';
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

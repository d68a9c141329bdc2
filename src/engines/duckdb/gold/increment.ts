import { join } from 'node:path';

import type { GoldChanges, Workspace } from '../../../lake/ports/engine.ts';
import type { DataFile } from '../../../lake/ledger/records.ts';
import { storeFile } from '../../../lake/files/store-file.ts';
import { CLEANED_COLUMNS, GOLD_COLUMNS, names } from '../../../medallion/layers.ts';
import {
  customerPlaces,
  customersAt,
  DISPLAY_NAME,
} from '../../../medallion/gold/silver-to-gold.ts';
import { OUTCOME_OF_WINNER, outcomes } from '../../../medallion/gold/versions.ts';
import { duckdbDialect } from '../dialect.ts';
import { storedRows } from '../lake-files.ts';
import { writeParquet } from '../parquet.ts';
import type { Relation } from '../relation.ts';
import type { ArrivedVersions } from './live-versions.ts';
import {
  affectedVersions,
  AMOUNT_COLUMNS,
  type Before,
  type Changed,
  changedPurchases,
  INCREMENT,
  type IncrementVersions,
} from './affected-versions.ts';
import { rank } from './rank.ts';
import { hasRows, type Session } from '../session.ts';

/**
 * Changes of gold. `customers` are the touched customers: those of any version, old or new, of a
 * purchase of which versions arrived or departed. `previous` has their rows in the previous gold,
 * `recomputed` their rows from all of their purchases. `outcomes` are the outcomes of the arrived
 * versions, and `maybeShared` the ranked versions of purchases that may have several customers.
 */
export type Increment = {
  customers: Relation;
  previous: Relation;
  recomputed: Relation;
  outcomes: Relation;
  maybeShared: string;
};

/** Runs the steps of the increment. `rows` is the number of live versions. */
export async function goldIncrement(
  session: Session,
  workspace: Workspace,
  before: Before,
  live: IncrementVersions,
  rows: number,
): Promise<Increment> {
  const changed = await changedPurchases(session, workspace, before, live);
  const { affected, sharedBefore } = await affectedVersions(session, before, live, changed);
  const { ranked, superseded } = await rank(session, affected, AMOUNT_COLUMNS, rows);
  const { customers, purchases } = changed;
  const winners = await session.view(
    'winners',
    INCREMENT.winners({ affectedVersions: affected, superseded, touchedCustomers: customers }),
  );
  const gold = await goldBefore(session, workspace, before);
  const previous = await session.table(
    'previous',
    `select g.* from ${gold} g semi join ${customers} using (customer_id)`,
  );
  const totals = await session.table('customer_totals', customerPlaces(duckdbDialect, winners));
  const earlier = await earlierTexts(session, before, live.arrived, affected, changed);
  const texts = { live, totals, previous, earlier };
  const nameTexts = await textsAt(session, texts, {
    table: 'names_by_arrival',
    at: 'name_at',
    text: `${DISPLAY_NAME} as display_name`,
    gold: 'full_name',
  });
  const emailTexts = await textsAt(session, texts, {
    table: 'emails_by_arrival',
    at: 'email_at',
    text: 'email',
    gold: 'email',
  });
  return {
    customers,
    previous,
    recomputed: await session.table('recomputed', customersAt(totals, nameTexts, emailTexts)),
    outcomes: await arrivedOutcomes(session, live, affected, ranked),
    maybeShared: `(from ${ranked} semi join (from ${purchases} union from ${sharedBefore}) using (source, purchase_id))`,
  };
}

/** Select of gold: the previous gold without the touched customers, and their recomputed rows. */
export const replaceTouched = async (
  session: Session,
  workspace: Workspace,
  before: Before,
  { customers, recomputed }: Increment,
): Promise<string> =>
  INCREMENT.gold({
    goldBefore: await goldBefore(session, workspace, before),
    touchedCustomers: customers,
    recomputed,
  });

/**
 * Stores the touched customers' previous and recomputed rows for the load, which then need not
 * compare two whole versions of gold.
 */
export async function storeChanges(
  session: Session,
  { store, scratch }: Workspace,
  { changesPrefix }: Before,
  { previous, recomputed }: Increment,
): Promise<GoldChanges> {
  const stored = async (name: string, rows: Relation): Promise<DataFile> => {
    const path = join(scratch, `${name}.parquet`);
    const count = await writeParquet(session, `from ${rows} order by customer_id`, path);
    return storeFile(
      { store, scratch },
      { path, key: `${changesPrefix}${name}.parquet`, rows: count },
    );
  };
  return { former: await stored('former', previous), fresh: await stored('fresh', recomputed) };
}

const goldBefore = (session: Session, workspace: Workspace, { gold }: Before): Promise<string> =>
  storedRows(
    session,
    workspace,
    gold.map(({ key }) => key),
    GOLD_COLUMNS,
  );

/**
 * Replaces the step `outcomes`, which compares all values of all versions: outcomes of the versions
 * that arrived. All values are read only of the superseded versions and of
 * the versions that supersede them. These are usually among the arrived rows; only for old rows
 * that were sent again silver is read as well.
 */
async function arrivedOutcomes(
  session: Session,
  { versions, arrived }: IncrementVersions,
  affected: Relation,
  ranked: Relation,
): Promise<Relation> {
  const cells = 'source, purchase_id, place, lines, object_key, arrival';
  const contested = await session.table(
    'contested',
    `with losers as (select ${cells} from ${ranked} semi join ${arrived.objects} using (object_key) where place > 1)
select * from losers union all
select ${cells} from ${ranked} semi join (select distinct source, purchase_id from losers) using (source, purchase_id) where place = 1`,
  );
  const cleaned = names(CLEANED_COLUMNS).map((column) => `v.${column}`);
  const valuesFrom = (rows: string): string =>
    `select c.*, ${cleaned.join(', ')} from ${contested} c join ${rows} v using (arrival)`;
  const values = await session.table('outcome_values', valuesFrom(arrived.versions));
  const missing = await session.table(
    'missing_values',
    `select arrival from ${contested} anti join ${values} using (arrival)`,
  );
  if (await hasRows(session, missing))
    await session.run(
      `insert into ${values} ${valuesFrom(`(select * from ${versions} semi join ${missing} using (arrival))`)}`,
    );
  return session.view(
    'outcomes',
    `${outcomes(values)}
union all select object_key, ${OUTCOME_OF_WINNER}, lines from ${affected} semi join ${arrived.objects} using (object_key) anti join ${values} using (arrival)`,
  );
}

/** What `textsAt` reads: arrivals of the newest texts in `totals`, and the previous gold. */
type TextSources = {
  live: IncrementVersions;
  totals: Relation;
  previous: Relation;
  earlier: EarlierTexts;
};

/**
 * Part of what replaces the step `recomputed`, which reads the names and addresses of all winners.
 * Table (arrival, text) of the customers' newest texts, at the arrivals in column `at` of the
 * totals. Texts that arrived are read from the arrived rows. An older text that its customer
 * already had is taken from the previous gold. All of silver is read only for texts that became the
 * newest because a newer one departed.
 */
async function textsAt(
  session: Session,
  { live, totals, previous, earlier }: TextSources,
  { table, at, text, gold }: { table: string; at: string; text: string; gold: string },
): Promise<Relation> {
  const read = (versions: Relation, arrivals: string): string =>
    `select arrival, ${text} from (select full_name, first_name, last_name, email, arrival from ${versions}) v semi join ${arrivals} using (arrival)`;
  const arrivals = `(select ${at} as arrival from ${totals})`;
  const texts = await session.table(table, read(live.arrived.versions, arrivals));
  await session.run(`insert into ${texts} select p.${at}, f.${gold} from ${totals} p join ${previous} f using (customer_id)
left join ${earlier.totals} b using (customer_id)
anti join ${texts} t on t.arrival = p.${at}
where f.${gold} is not null and (b.${at} = p.${at} or p.customer_id not in (select customer_id from ${earlier.unsettled}))`);
  const unresolved = await session.table(
    'unresolved',
    `select distinct arrival from ${arrivals} anti join ${texts} using (arrival) where arrival is not null`,
  );
  if (await hasRows(session, unresolved))
    await session.run(`insert into ${texts} ${read(live.versions, unresolved)}`);
  return texts;
}

/**
 * `unsettled` are the customers with purchases that may no longer count. `totals` has the arrivals
 * of their newest texts among all old versions: a version that counts now also counted before, so
 * if it is the newest of all old versions, the previous gold has its text. Empty if rows departed,
 * because departed rows are not among the versions.
 */
type EarlierTexts = { unsettled: Relation; totals: Relation };

async function earlierTexts(
  session: Session,
  { departed }: Before,
  arrived: ArrivedVersions,
  affected: Relation,
  { purchases, customers }: Changed,
): Promise<EarlierTexts> {
  const old = `${affected} t anti join ${arrived.objects} using (object_key)`;
  const unsettled = await session.table(
    'unsettled',
    departed.length > 0
      ? `from ${customers}`
      : `select distinct t.customer_id from ${old} semi join ${purchases} using (source, purchase_id) where t.customer_id is not null`,
  );
  const versions =
    departed.length > 0
      ? `(from ${affected} where false) o`
      : `(select t.* from ${old} semi join ${unsettled} using (customer_id) where not deletes) o`;
  const totals = await session.table('earlier_totals', customerPlaces(duckdbDialect, versions));
  return { unsettled, totals };
}

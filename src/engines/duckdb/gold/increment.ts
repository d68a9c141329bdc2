import { join } from 'node:path';

import type { GoldChanges, Workspace } from '../../../lake/ports/engine.ts';
import type { DataFile } from '../../../lake/ledger/records.ts';
import { storeFile } from '../../../lake/files/store-file.ts';
import { CLEANED_COLUMNS, GOLD_COLUMNS, names } from '../../../medallion/layers.ts';
import { customerPlaces, customersAt } from '../../../medallion/gold/silver-to-gold.ts';
import { OUTCOME_OF_WINNER, outcomes } from '../../../medallion/gold/versions.ts';
import { duckdbDialect } from '../dialect.ts';
import { storedRows } from '../lake-files.ts';
import { writeParquet } from '../parquet.ts';
import type { Relation } from '../relation.ts';
import {
  affectedVersions,
  AMOUNT_COLUMNS,
  type Before,
  changedPurchases,
  INCREMENT,
  type IncrementVersions,
} from './affected-versions.ts';
import { newestTexts } from './newest-texts.ts';
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
  const texts = await newestTexts(session, before, { live, totals, previous, affected, changed });
  return {
    customers,
    previous,
    recomputed: await session.table('recomputed', customersAt(totals, texts.names, texts.emails)),
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

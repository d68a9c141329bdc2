import type { Relation } from '../relation.ts';
import { customerPlaces, DISPLAY_NAME } from '../../../medallion/gold/silver-to-gold.ts';
import { duckdbDialect } from '../dialect.ts';
import { hasRows, type Session } from '../session.ts';
import type { Before, Changed, IncrementVersions } from './affected-versions.ts';
import type { ArrivedVersions } from './live-versions.ts';

/**
 * Part of what replaces the step `recomputed`, which reads the names and addresses of all winners:
 * tables of the customers' newest names and addresses, by arrival.
 */
export async function newestTexts(
  session: Session,
  before: Before,
  {
    affected,
    changed,
    ...sources
  }: Omit<TextSources, 'earlier'> & {
    affected: Relation;
    changed: Changed;
  },
): Promise<{ names: Relation; emails: Relation }> {
  const earlier = await earlierTexts(session, before, sources.live.arrived, affected, changed);
  return {
    names: await textsAt(
      session,
      { ...sources, earlier },
      {
        table: 'names_by_arrival',
        at: 'name_at',
        text: `${DISPLAY_NAME} as display_name`,
        gold: 'full_name',
      },
    ),
    emails: await textsAt(
      session,
      { ...sources, earlier },
      {
        table: 'emails_by_arrival',
        at: 'email_at',
        text: 'email',
        gold: 'email',
      },
    ),
  };
}

/** What `textsAt` reads: arrivals of the newest texts in `totals`, and the previous gold. */
type TextSources = {
  live: IncrementVersions;
  totals: Relation;
  previous: Relation;
  earlier: EarlierTexts;
};

/**
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

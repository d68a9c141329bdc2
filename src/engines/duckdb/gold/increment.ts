import { join } from 'node:path';

import type { GoldChanges, SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import type { DataFile } from '../../../lake/ledger/records.ts';
import { storeFile } from '../../../lake/files/store-file.ts';
import { CLEANED_COLUMNS, names } from '../../../medallion/layers.ts';
import { customerPlaces, customersAt, DISPLAY_NAME } from '../../../medallion/silver-to-gold.ts';
import { OUTCOME_OF_WINNER, outcomes } from '../../../medallion/versions.ts';
import { duckdbDialect } from '../dialect.ts';
import { parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import { ID_HASH, rank } from './rank.ts';
import { hasRows, type Session } from '../session.ts';

type Before = NonNullable<SilverToGoldInput['before']>;

/**
 * What tells who wins and what that adds to the customer, without a text but the id: names and
 * addresses are half of the bytes that reading all of silver would take.
 */
const NUMBERS = [
  'source',
  'purchase_id',
  'customer_id',
  'purchase_date',
  'amount',
  'amount_aud',
  'updated_number',
  'updated_micros',
  'deletes',
  'has_name',
  'has_email',
  'lines',
  'object_key',
  'arrival',
];
const columnsOf = (alias: string): string =>
  NUMBERS.map((column) => `${alias}.${column}`).join(', ');
const HASHED_VERSIONS = `(select *, ${ID_HASH} from versions) v`;

/**
 * The customers of `touched_customers` as table `fresh`, made of all their purchases, and as table
 * `former` what the gold before says of them: all whom any version of a touched purchase names,
 * before or now. The view `judged` has what became of the versions that arrived.
 */
export async function touchedCustomers(
  session: Session,
  workspace: Workspace,
  before: Before,
  rows: number,
): Promise<void> {
  await changedPurchases(session, workspace, before);
  await theirVersions(session, before);
  await rank(session, 'theirs', NUMBERS, rows);
  await session.run(
    'create temp view winners as select t.* from theirs t anti join beaten using (arrival) semi join touched_customers using (customer_id) where not deletes',
  );
  await judge(session);
  const gold = await goldBefore(session, workspace, before);
  await session.run(
    `create temp table former as select g.* from ${gold} g semi join touched_customers using (customer_id)`,
  );
  await session.run(`create temp table places as ${customerPlaces(duckdbDialect, 'winners')}`);
  await readTexts(session, before);
  await session.run(`create temp table fresh as ${customersAt('places', 'named', 'reached')}`);
}

/** The gold before without the touched customers, and the touched ones anew. */
export const onTop = async (
  session: Session,
  workspace: Workspace,
  before: Before,
): Promise<string> =>
  `select g.* from ${await goldBefore(session, workspace, before)} g anti join touched_customers using (customer_id)
union all select * from fresh`;

/**
 * Keeps the touched customers' rows as they were and as they are, for the load: it need not compare
 * all of one gold with all of the other.
 */
export async function storeChanges(
  session: Session,
  { store, scratch }: Workspace,
  { changesPrefix }: Before,
): Promise<GoldChanges> {
  const stored = async (table: string): Promise<DataFile> => {
    const path = join(scratch, `${table}.parquet`);
    const rows = await writeParquet(session, `from ${table} order by customer_id`, path);
    return storeFile({ store, scratch }, { path, key: `${changesPrefix}${table}.parquet`, rows });
  };
  return { former: await stored('former'), fresh: await stored('fresh') };
}

const goldBefore = async (
  session: Session,
  workspace: Workspace,
  { gold }: Before,
): Promise<string> =>
  parquet(
    session,
    await Promise.all(gold.map(({ key }) => workspace.store.local(key, workspace.scratch))),
  );

/**
 * The tables `changed_purchases`, of which versions came or went, and `touched_customers`, whom
 * those name.
 */
async function changedPurchases(
  session: Session,
  workspace: Workspace,
  { departed }: Before,
): Promise<void> {
  const cells = 'source, purchase_id, customer_id, customer_key';
  await session.run(`create temp table changed as select ${cells} from arrived_read`);
  if (departed.length > 0)
    await session.run(
      `insert into changed select ${cells} from ${await rowsOf(session, workspace, departed)}`,
    );
  await session.run(
    'create temp table changed_purchases as select distinct source, purchase_id from changed',
  );
  await session.run(`create temp table touched_customers as
select distinct coalesce(c.customer_id, k.customer_id) as customer_id from changed c left join customer_keys k on k.customer_key = c.customer_key
where coalesce(c.customer_id, k.customer_id) is not null`);
}

/** Rows of objects that are live no more, in files that may hold others. */
async function rowsOf(
  session: Session,
  { store, scratch }: Workspace,
  objects: Before['departed'],
): Promise<string> {
  const local = new Map<string, string>();
  await session.run('create temp table wanted (object_key varchar, silver varchar)');
  const appender = await session.connection.createAppender('wanted');
  for (const { key, silver } of objects) {
    const path = local.get(silver) ?? (await store.local(silver, scratch));
    local.set(silver, path);
    appender.appendVarchar(key);
    appender.appendVarchar(session.file(path));
    appender.endRow();
  }
  appender.closeSync();
  return `(select s.* from ${parquet(session, [...local.values()], { filename: true })} s join wanted w on w.object_key = s.object_key and w.silver = s.filename)`;
}

/**
 * The table `theirs`: every version of each purchase that a touched customer is named by, and of
 * each that changed, read in one pass where it is known which purchases name several customers.
 * Whoever a changed purchase names in an older version is touched as well.
 */
async function theirVersions(session: Session, { shared }: Before): Promise<void> {
  await session.run('create temp table shared_before (source varchar, purchase_id varchar)');
  const appender = await session.connection.createAppender('shared_before');
  for (const [source, purchaseId] of shared ?? []) {
    appender.appendVarchar(source);
    appender.appendVarchar(purchaseId);
    appender.endRow();
  }
  appender.closeSync();
  await session.run(
    `create temp table sought as select ${ID_HASH} from changed_purchases union select ${ID_HASH} from shared_before`,
  );
  await session.run(`create temp table theirs as select ${columnsOf('v')} from ${HASHED_VERSIONS}
where customer_id in (select customer_id from touched_customers) or id_hash in (select id_hash from sought)`);
  await session.run(`create temp table former_customers as
select distinct t.customer_id from theirs t semi join changed_purchases using (source, purchase_id)
anti join touched_customers using (customer_id) where t.customer_id is not null`);
  if (await hasRows(session, 'former_customers')) {
    await session.run('insert into touched_customers from former_customers');
    await session.run(`insert into theirs select ${columnsOf('v')} from versions v
semi join former_customers using (customer_id) anti join theirs using (arrival)`);
  }
  if (shared === undefined)
    await session.run(`insert into theirs select ${columnsOf('v')} from ${HASHED_VERSIONS}
semi join (select distinct ${ID_HASH} from theirs) ids using (id_hash) anti join theirs using (arrival)`);
}

/**
 * The view `judged`: what became of the versions that arrived. All that they say is read only of
 * those that were beaten, and of who beat them; these arrived with them, but for old ones that are
 * sent again.
 */
async function judge(session: Session): Promise<void> {
  const place = 'source, purchase_id, place, lines, object_key, arrival';
  await session.run(`create temp table contested as
with losers as (select ${place} from ranked semi join arrived_objects using (object_key) where place > 1)
select * from losers union all
select ${place} from ranked semi join (select distinct source, purchase_id from losers) using (source, purchase_id) where place = 1`);
  const cells = names(CLEANED_COLUMNS).map((column) => `v.${column}`);
  const said = (versions: string): string =>
    `select c.*, ${cells.join(', ')} from contested c join ${versions} v using (arrival)`;
  await session.run(`create temp table said as ${said('arrived_versions')}`);
  await session.run(
    'create temp table unsaid as select arrival from contested anti join said using (arrival)',
  );
  if (await hasRows(session, 'unsaid'))
    await session.run(
      `insert into said ${said('(select * from versions semi join unsaid using (arrival))')}`,
    );
  await session.run(`create temp view judged as ${outcomes('said')}
union all select object_key, ${OUTCOME_OF_WINNER}, lines from theirs semi join arrived_objects using (object_key) anti join said using (arrival)`);
}

/**
 * The tables `named` and `reached`: the texts at `places`. Those that arrived are read where they
 * lie. An older place whose customer had it before is what gold says; all of silver is read only
 * for those that came to be the newest because a newer one went.
 */
async function readTexts(session: Session, before: Before): Promise<void> {
  await formerPlaces(session, before);
  const texts: [table: string, at: string, text: string, gold: string][] = [
    ['named', 'name_at', `${DISPLAY_NAME} as display_name`, 'full_name'],
    ['reached', 'email_at', 'email', 'email'],
  ];
  for (const [table, at, text, gold] of texts) {
    const read = (versions: string, places: string): string =>
      `select arrival, ${text} from (select full_name, first_name, last_name, email, arrival from ${versions}) v semi join ${places} using (arrival)`;
    const places = `(select ${at} as arrival from places)`;
    await session.run(`create temp table ${table} as ${read('arrived_versions', places)}`);
    await session.run(`insert into ${table} select p.${at}, f.${gold} from places p join former f using (customer_id)
left join former_places b using (customer_id)
anti join ${table} t on t.arrival = p.${at}
where f.${gold} is not null and (b.${at} = p.${at} or p.customer_id not in (select customer_id from unsettled))`);
    await session.run(
      `create or replace temp table unread as select distinct arrival from ${places} anti join ${table} using (arrival) where arrival is not null`,
    );
    if (await hasRows(session, 'unread'))
      await session.run(`insert into ${table} ${read('versions', 'unread')}`);
  }
}

/**
 * The tables `unsettled`, the customers some of whose purchases may count no more, and
 * `former_places`, the newest of their names and addresses among all old versions. Where one of
 * these counts now it did before, so if it is the newest of all it was the newest that counted. Of
 * rows that departed it is not told.
 */
async function formerPlaces(session: Session, { departed }: Before): Promise<void> {
  const old = 'theirs t anti join arrived_objects using (object_key)';
  await session.run(
    departed.length > 0
      ? 'create temp table unsettled as from touched_customers'
      : `create temp table unsettled as select distinct t.customer_id from ${old} semi join changed_purchases using (source, purchase_id) where t.customer_id is not null`,
  );
  const versions =
    departed.length > 0
      ? '(from theirs where false) o'
      : `(select t.* from ${old} semi join unsettled using (customer_id) where not deletes) o`;
  await session.run(
    `create temp table former_places as ${customerPlaces(duckdbDialect, versions)}`,
  );
}

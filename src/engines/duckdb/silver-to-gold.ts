import { join } from 'node:path';

import { CustomerIdsExhausted, TotalOutOfRange } from '../../errors.ts';
import type { GoldResult, SilverToGoldTask, Workplace } from '../../lake/ports/engine.ts';
import {
  customerPlaces,
  customersAt,
  DISPLAY_NAME,
  goldDigest,
} from '../../medallion/silver-to-gold.ts';
import { CLEANED_COLUMNS, names } from '../../medallion/layers.ts';
import { allFates, fateCounts, rankedVersions } from '../../medallion/versions.ts';
import { duckdbDialect } from './dialect.ts';
import { parquet, storeFile, writeParquet } from './parquet.ts';
import type { Session } from './session.ts';
import { openVersions } from './live-versions.ts';

/** What tells who wins, and what became of the others. */
const RANKED = [
  'source',
  'purchase_id',
  ...names(CLEANED_COLUMNS),
  'lines',
  'object_key',
  'arrival',
];
/** And what a winner adds to its customer. */
const THEIRS = [...RANKED, 'amount_aud'].map((column) => `v.${column}`).join(', ');

/** Joins on whole numbers take half of what joins on texts do; purchases that share one by chance are only looked at in vain. */
const ID_HASH = `${duckdbDialect.hash('source', 'purchase_id')} as id_hash`;

/** The largest customer_id: a signed 32-bit integer. */
const LAST_ID = 2 ** 31 - 1;

/** Makes gold from the live silver files: of all customers, or of those whom a change touches, on top of the gold before. */
export async function silverToGold(
  session: Session,
  work: Workplace,
  task: SilverToGoldTask,
): Promise<GoldResult> {
  const anyKey = await openVersions(session, work, task);
  const keys = anyKey
    ? await registerKeys(session, work, task)
    : { file: null, next: task.keys.next };
  const before = task.before;
  if (before === undefined) await everything(session);
  else await touched(session, work, before);
  const counts = await countFates(session, task.counted);
  work.signal.throwIfAborted();
  const customers = await customersOf(session, before === undefined ? 'versions' : 'winners');
  const path = join(work.scratch, 'gold.parquet');
  const select = before === undefined ? customers : await onTop(session, work, before, customers);
  const rows = await writeParquet(session, `${select} order by customer_id`, path);
  await mustFit(session, path);
  const digest =
    before === undefined
      ? await digestOf(session, parquet([path]))
      : BigInt(before.digest) +
        (await digestOf(session, 'fresh')) -
        (await digestOf(session, 'former'));
  const [total] = await session.rows(
    `select cast(coalesce(sum(total_spent_aud), 0.00) as varchar) as total from ${parquet([path])}`,
  );
  const file = await storeFile(work.store, path, `${task.goldPrefix}part-00000.parquet`, rows);
  return {
    files: [file],
    customers: rows,
    total: total?.['total'] ?? '0.00',
    digest: String(digest),
    fates: counts,
    keys,
  };
}

/** Winners of a whole lake. */
async function everything(session: Session): Promise<void> {
  await rank(session, 'versions');
  await session.run(
    `create temp view winners as select * from versions anti join beaten using (arrival) where not deletes`,
  );
  await session.run(`create temp view judged as ${allFates('versions', 'ranked')}`);
}

/** The tables `ranked`, of the versions whose purchase has several, and `beaten`, the arrivals of those among them that do not win: what stands alone wins unranked. */
async function rank(session: Session, versions: string): Promise<void> {
  await session.run(
    `create temp table repeated as select id_hash from (select ${ID_HASH} from ${versions}) ids group by id_hash having count(*) > 1`,
  );
  await session.run(
    `create temp table ranked as ${rankedVersions(`(select ${RANKED.join(', ')} from (select *, ${ID_HASH} from ${versions}) v semi join repeated using (id_hash))`)}`,
  );
  await session.run(`create temp table beaten as select arrival from ranked where place > 1`);
}

/**
 * Winners among the purchases of just those customers whom the change touches: all that any version of a touched purchase names, before or now.
 * Fates are counted over the touched purchases.
 */
async function touched(
  session: Session,
  work: Workplace,
  before: NonNullable<SilverToGoldTask['before']>,
): Promise<void> {
  const rowsOf = async (objects: readonly { key: string; silver: string }[]): Promise<string> => {
    await session.run('create or replace temp table wanted (object_key varchar, silver varchar)');
    const appender = await session.connection.createAppender('wanted');
    for (const { key, silver } of objects) {
      appender.appendVarchar(key);
      appender.appendVarchar(await work.store.local(silver, work.scratch));
      appender.endRow();
    }
    appender.closeSync();
    const paths = [...new Set(objects.map(({ silver }) => silver))];
    const local = await Promise.all(paths.map((key) => work.store.local(key, work.scratch)));
    return `select s.source, s.purchase_id, s.customer_id, s.customer_key from ${parquet(local, ', filename = true')} s join wanted w on w.object_key = s.object_key and w.silver = s.filename`;
  };
  await session.run(
    'create temp table changed (source varchar, purchase_id varchar, customer_id int, customer_key varchar)',
  );
  if (before.arrived.length > 0)
    await session.run(`insert into changed ${await rowsOf(before.arrived)}`);
  if (before.departed.length > 0)
    await session.run(`insert into changed ${await rowsOf(before.departed)}`);
  await session.run(
    'create temp table changed_purchases as select distinct source, purchase_id from changed',
  );
  await session.run(`create temp table touched_customers as
select distinct coalesce(c.customer_id, k.customer_id) as customer_id from changed c left join customer_keys k on k.customer_key = c.customer_key`);
  await session.run(
    `create temp table theirs as select ${THEIRS} from versions v semi join touched_customers using (customer_id)`,
  );
  await addOtherVersions(session);
  await rank(session, 'theirs');
  await session.run(
    'create temp view winners as select t.* from theirs t anti join beaten using (arrival) semi join touched_customers using (customer_id) where not deletes',
  );
  const ofChanged = (versions: string): string =>
    `(select v.* from ${versions} v semi join changed_purchases using (source, purchase_id))`;
  await session.run(
    `create temp view judged as ${allFates(ofChanged('theirs'), ofChanged('ranked'))}`,
  );
}

/**
 * Adds to `theirs` the versions in which purchases of touched customers, and changed ones, name somebody else or nobody. Whoever a changed purchase
 * names in one is touched as well. Looking for them takes two columns of silver, and there are seldom any: only then all columns are read again, and
 * looked for once more are those of the customers who came in thereby.
 */
async function addOtherVersions(session: Session): Promise<void> {
  const count = async (table: string): Promise<number> =>
    Number((await session.rows(`select count(*) as n from ${table}`))[0]?.['n']);
  let former: number;
  do {
    await session.run(`create or replace temp table others as select v.arrival, v.customer_id, v.id_hash
from (select arrival, customer_id, ${ID_HASH} from versions) v
semi join (select ${ID_HASH} from theirs union select ${ID_HASH} from changed_purchases) ids using (id_hash)
anti join theirs using (arrival)`);
    await session.run(`create or replace temp table former_customers as select distinct o.customer_id
from others o semi join (select ${ID_HASH} from changed_purchases) changed using (id_hash) anti join touched_customers using (customer_id) where o.customer_id is not null`);
    former = await count('former_customers');
    await session.run('insert into touched_customers from former_customers');
    if ((await count('others')) > 0)
      await session.run(`insert into theirs select ${THEIRS} from versions v
where arrival in (select arrival from others) or customer_id in (select customer_id from former_customers)`);
  } while (former > 0);
}

/** The customers of `winners`; `versions` has all of these, and may have others: it is what they are read from again, for their texts. */
async function customersOf(session: Session, versions: string): Promise<string> {
  await session.run(`create temp table places as ${customerPlaces(duckdbDialect, 'winners')}`);
  await session.run(`create temp table texts as
select arrival, ${DISPLAY_NAME} as display_name, email
from (select full_name, first_name, last_name, email, arrival from ${versions}) v
semi join (select name_at as arrival from places union select email_at from places) p using (arrival)`);
  return customersAt('places', 'texts');
}

/** The gold before without the touched customers, and the touched ones anew: `former` and `fresh` are what these were and are. */
async function onTop(
  session: Session,
  work: Workplace,
  { gold }: NonNullable<SilverToGoldTask['before']>,
  customers: string,
): Promise<string> {
  const paths = await Promise.all(gold.map(({ key }) => work.store.local(key, work.scratch)));
  await session.run(`create temp table fresh as ${customers}`);
  await session.run(
    `create temp view former as select g.* from ${parquet(paths)} g semi join touched_customers using (customer_id)`,
  );
  return `select g.* from ${parquet(paths)} g anti join touched_customers using (customer_id)
union all select * from fresh`;
}

/** A sum of what each row makes, so that rows that come and go are added to it and taken off. */
async function digestOf(session: Session, gold: string): Promise<bigint> {
  const [row] = await session.rows(goldDigest(duckdbDialect, gold));
  return BigInt(row?.['digest'] ?? 0);
}

async function countFates(
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

/** Gives every new customer key the next integer, in order of arrival (SPEC section 4). */
async function registerKeys(
  session: Session,
  work: Workplace,
  task: SilverToGoldTask,
): Promise<GoldResult['keys']> {
  const rows = await session.rows(
    `select count(*) as fresh from versions_read v anti join customer_keys using (customer_key) where customer_key is not null`,
  );
  if (Number(rows[0]?.['fresh'] ?? 0) === 0) return { file: null, next: task.keys.next };
  const path = join(work.scratch, 'customer-keys.parquet');
  const fresh = await writeParquet(
    session,
    `select customer_key, cast(${task.keys.next} + row_number() over (order by first_arrival) - 1 as bigint) as customer_id
from (select customer_key, min(arrival) as first_arrival from versions_read v anti join customer_keys using (customer_key)
  where customer_key is not null group by customer_key) f order by customer_id`,
    path,
  );
  const next = task.keys.next + fresh;
  if (next - 1 > LAST_ID)
    throw new CustomerIdsExhausted(
      `${fresh} new customer keys need integers from ${task.keys.next}, but a customer_id ends at ${LAST_ID}.`,
      {
        hint: 'Set a lower `firstCustomerId` before the first run of a new lake.',
      },
    );
  await session.run(
    `insert into customer_keys select customer_key, cast(customer_id as int) from ${parquet([path])}`,
  );
  return { file: await storeFile(work.store, path, task.keys.file, fresh), next };
}

async function mustFit(session: Session, path: string): Promise<void> {
  const [row] = await session.rows(
    `select customer_id from ${parquet([path])} where total_spent_aud is null order by customer_id limit 1`,
  );
  if (row !== undefined)
    throw new TotalOutOfRange(
      `The total of customer ${row['customer_id']} does not fit DECIMAL(18,2), below 10^16 AUD.`,
      {
        hint: `See what it is made of: purchases query "select * from silver where customer_id = ${row['customer_id']} order by amount_aud desc".`,
      },
    );
}

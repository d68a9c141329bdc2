import { join } from 'node:path';

import { CustomerIdsCollide, CustomerIdsExhausted } from '../../../errors.ts';
import type { GoldResult, SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import { storeFile } from '../../../lake/files/store-file.ts';
import {
  type Collision,
  collisionMessage,
  COLLISION_HINT,
  EXHAUSTED_HINT,
  exhaustedMessage,
  LAST_ID,
} from '../../../medallion/customer-keys.ts';
import { parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import { hasRows, type Session } from '../session.ts';

type Keys = SilverToGoldInput['keys'];

/** The table `customer_keys`: the registry as far as it is written. */
export async function openRegistry(
  session: Session,
  workspace: Workspace,
  { files }: Pick<Keys, 'files'>,
): Promise<void> {
  await session.run(
    `create temp table customer_keys as ${await registry(session, workspace, files)}`,
  );
}

async function registry(
  session: Session,
  workspace: Workspace,
  files: Keys['files'],
): Promise<string> {
  const paths = await Promise.all(
    files.map(({ key }) => workspace.store.local(key, workspace.scratch)),
  );
  return paths.length === 0
    ? 'select cast(null as varchar) as customer_key, cast(null as int) as customer_id where false'
    : `select customer_key, cast(customer_id as int) as customer_id from ${parquet(session, paths)}`;
}

/**
 * Whether `versions`, in which keys are not looked up yet, have a customer_id that the registry
 * gave to a key. Only ids in the registry's range are read: Parquet's own statistics leave all
 * others out. Error: `CustomerIdsCollide`, naming the first of them.
 */
export async function mustNotCollide(
  session: Session,
  versions: string,
  condition = 'true',
): Promise<void> {
  const [idRange] = await session.rows(
    'select min(customer_id) as first, max(customer_id) as last from customer_keys',
  );
  if (typeof idRange?.['first'] !== 'string') return;
  const real = `(select customer_id, object_key, row_number, arrival from ${versions} where customer_id between ${idRange['first']} and ${idRange['last']} and ${condition})`;
  await session.run(
    `create or replace temp table colliding as select * from ${real} v semi join customer_keys using (customer_id)`,
  );
  const [row] = await session.rows(`select customer_id, object_key, row_number,
  (select count(distinct customer_id) from colliding) as numbers from colliding order by customer_id, arrival limit 1`);
  if (row === undefined) return;
  const [keyed] = await session.rows(`select object_key, row_number from versions_read
semi join (select customer_key from customer_keys where customer_id = ${row['customer_id']}) k using (customer_key) order by arrival limit 1`);
  const collision: Collision = {
    customer: Number(row['customer_id']),
    numbers: Number(row['numbers']),
    real: locationOf(row),
    keyed: keyed === undefined ? undefined : locationOf(keyed),
  };
  throw new CustomerIdsCollide(collisionMessage(collision), { hint: COLLISION_HINT });
}

const locationOf = (row: Record<string, string | null>): { object: string; row: number } => ({
  object: row['object_key'] ?? '',
  row: Number(row['row_number']),
});

/**
 * Gives every new customer key among the versions an integer (SPEC section 4); `anyKey` is false
 * where they have none. `arrived` are the versions that the lake before did not have. Errors:
 * `CustomerIdsCollide`, `CustomerIdsExhausted`.
 */
export async function registerKeys(
  session: Session,
  workspace: Workspace,
  keys: Keys,
  { anyKey, arrived }: { anyKey: boolean; arrived: string },
): Promise<GoldResult['keys']> {
  const { renumber } = keys;
  await session.run(
    `create temp table former_keys as ${await registry(session, workspace, keys.former ?? [])}`,
  );
  for (const id of keys.erased ?? [])
    await session.run(`insert into former_keys values (null, ${id})`);
  if (renumber !== undefined) await releaseIds(session, renumber);
  else if (keys.files.length > 0) await mustNotCollide(session, arrived);
  const unknown = `${arrived} v anti join customer_keys using (customer_key) where customer_key is not null`;
  const found = anyKey && (await hasRows(session, unknown));
  const assigned = found ? await numberKeys(session, keys.next, unknown) : 0;
  if (renumber === undefined && assigned === 0) return { file: null, next: keys.next };
  const path = join(workspace.scratch, 'customer-keys.parquet');
  const [last] = await session.rows(
    `select coalesce(max(customer_id) + 1, ${keys.next}) as next from ${assigned === 0 ? 'customer_keys' : 'numbered_keys'}`,
  );
  const next = Math.max(keys.next, Number(last?.['next']));
  if (renumber !== undefined) {
    const rows = await writeParquet(session, REGISTRY, path);
    const file = rows === 0 ? null : await storeFile(workspace, { path, key: keys.file, rows });
    return { file, next, replaced: true };
  }
  await writeParquet(session, 'from numbered_keys order by customer_id', path);
  return { file: await storeFile(workspace, { path, key: keys.file, rows: assigned }), next };
}

const REGISTRY =
  'select customer_key, cast(customer_id as bigint) as customer_id from customer_keys order by customer_id';

/** Takes their integers from the keys that are to get others. */
async function releaseIds(
  session: Session,
  renumber: NonNullable<Keys['renumber']>,
): Promise<void> {
  await session.run('insert into former_keys from customer_keys');
  const condition =
    renumber === 'all'
      ? 'true'
      : 'customer_id in (select customer_id from versions_read where customer_id is not null)';
  await session.run(`delete from customer_keys where ${condition}`);
}

/**
 * The next integers for the new keys of a relation, in order of arrival, as table `numbered_keys`
 * and in `customer_keys`; how many. An integer is passed over that a live version has as its
 * customer_id, or that a key of `former_keys` has or had: `shift` counts those below, and steps up
 * at the key that would have come upon the next.
 */
async function numberKeys(session: Session, next: number, unknown: string): Promise<number> {
  const taken = ['versions_read', 'former_keys'].map(
    (relation) => `select customer_id from ${relation} where customer_id >= ${next}`,
  );
  await session.run(`create temp table numbered_keys as
with fresh as (
  select customer_key, row_number() over (order by first_arrival) - 1 as n
  from (select customer_key, min(arrival) as first_arrival from ${unknown} group by customer_key) f),
taken as (select customer_id, row_number() over (order by customer_id) as i from (${taken.join(' union ')}) t),
steps as (select customer_id - ${next} - i + 1 as n, max(i) as shift from taken group by all)
select customer_key, cast(${next} + f.n + coalesce(shift, 0) as bigint) as customer_id from fresh f asof left join steps s on f.n >= s.n`);
  const [most] = await session.rows(
    'select max(customer_id) as last, count(*) as fresh from numbered_keys',
  );
  const assigned = Number(most?.['fresh']);
  if (Number(most?.['last']) > LAST_ID)
    throw new CustomerIdsExhausted(exhaustedMessage(assigned, next), { hint: EXHAUSTED_HINT });
  await session.run(
    'insert into customer_keys select customer_key, cast(customer_id as int) from numbered_keys',
  );
  return assigned;
}

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
import { writeParquet } from '../parquet.ts';
import type { Relation } from '../relation.ts';
import { hasRows, type Session } from '../session.ts';
import { REGISTRY_COLUMNS } from '../../../medallion/layers.ts';
import { storedRows } from '../lake-files.ts';

type Keys = SilverToGoldInput['keys'];

/** The registry of customer keys, and all live versions with the ids that their files have. */
type KeyedVersions = { registry: Relation; stored: Relation };

/** Opens the registry of customer keys as a table (customer_key, customer_id). */
export const openRegistry = async (
  session: Session,
  workspace: Workspace,
  { files }: Pick<Keys, 'files'>,
): Promise<Relation> =>
  session.table('customer_keys', await registryRows(session, workspace, files));

async function registryRows(
  session: Session,
  workspace: Workspace,
  files: Keys['files'],
): Promise<string> {
  const keys = files.map(({ key }) => key);
  const rows = await storedRows(session, workspace, keys, REGISTRY_COLUMNS);
  return `select customer_key, cast(customer_id as int) as customer_id from ${rows}`;
}

/**
 * Checks that no stored customer_id among `rows` is an integer that the registry assigned to a key.
 * Reads only ids in the registry's range: Parquet's statistics skip all others. Error:
 * `CustomerIdsCollide`, which names the first of them.
 */
export async function mustNotCollide(
  session: Session,
  { registry, stored }: KeyedVersions,
  rows: Relation,
  condition = 'true',
): Promise<void> {
  const [idRange] = await session.rows(
    `select min(customer_id) as first, max(customer_id) as last from ${registry}`,
  );
  if (typeof idRange?.['first'] !== 'string') return;
  const real = `(select customer_id, object_key, row_number, arrival from ${rows} where customer_id between ${idRange['first']} and ${idRange['last']} and ${condition})`;
  const colliding = await session.table(
    'colliding',
    `select * from ${real} v semi join ${registry} using (customer_id)`,
  );
  const [row] = await session.rows(`select customer_id, object_key, row_number,
  (select count(distinct customer_id) from ${colliding}) as numbers from ${colliding} order by customer_id, arrival limit 1`);
  if (row === undefined) return;
  const [keyed] = await session.rows(`select object_key, row_number from ${stored}
semi join (select customer_key from ${registry} where customer_id = ${row['customer_id']}) k using (customer_key) order by arrival limit 1`);
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
 * Assigns an integer to every new customer key among the `arrived` versions, which the previous
 * lake did not have (SPEC section 4). `anyKey` is false if no version has a key. Errors:
 * `CustomerIdsCollide`, `CustomerIdsExhausted`.
 */
export async function registerKeys(
  session: Session,
  workspace: Workspace,
  keys: Keys,
  live: KeyedVersions & { anyKey: boolean },
  arrived: Relation,
): Promise<GoldResult['keys']> {
  const { renumber } = keys;
  const { registry, stored } = live;
  const reserved = await session.table(
    'reserved_ids',
    await registryRows(session, workspace, keys.former ?? []),
  );
  const erased = keys.erased ?? [];
  if (erased.length > 0)
    await session.run(`insert into ${reserved} select null, unnest([${erased.join(', ')}])`);
  if (renumber !== undefined) await releaseIds(session, renumber, live, reserved);
  else if (keys.files.length > 0) await mustNotCollide(session, live, arrived);
  const unknown = `${arrived} v anti join ${registry} using (customer_key) where customer_key is not null`;
  const isAnyNew = live.anyKey && (await hasRows(session, unknown));
  const assigned = isAnyNew
    ? await numberKeys(session, keys.next, unknown, { registry, stored, reserved })
    : undefined;
  if (renumber === undefined && assigned === undefined) return { file: null, next: keys.next };
  const path = join(workspace.scratch, 'customer-keys.parquet');
  const [last] = await session.rows(
    `select coalesce(max(customer_id) + 1, ${keys.next}) as next from ${assigned ?? registry}`,
  );
  const next = Math.max(keys.next, Number(last?.['next']));
  if (renumber !== undefined) {
    const rows = await writeParquet(session, wholeRegistry(registry), path);
    const file = rows === 0 ? null : await storeFile(workspace, { path, key: keys.file, rows });
    return { file, next, replaced: true };
  }
  const rows = await writeParquet(session, `from ${assigned} order by customer_id`, path);
  return { file: await storeFile(workspace, { path, key: keys.file, rows }), next };
}

const wholeRegistry = (registry: Relation): string =>
  `select customer_key, cast(customer_id as bigint) as customer_id from ${registry} order by customer_id`;

/** Removes the keys to renumber from the registry and reserves the integers of all its keys. */
async function releaseIds(
  session: Session,
  renumber: NonNullable<Keys['renumber']>,
  { registry, stored }: KeyedVersions,
  reserved: Relation,
): Promise<void> {
  await session.run(`insert into ${reserved} from ${registry}`);
  const condition =
    renumber === 'all'
      ? 'true'
      : `customer_id in (select customer_id from ${stored} where customer_id is not null)`;
  await session.run(`delete from ${registry} where ${condition}`);
}

/**
 * Assigns the next integers to the `unknown` keys in order of arrival, inserts them into the
 * registry and returns them as a table. Skips an integer that is the customer_id of a live version
 * or reserved: `shift` counts the skipped integers below, and grows at the key that would have got
 * the next one. Error: `CustomerIdsExhausted`.
 */
async function numberKeys(
  session: Session,
  next: number,
  unknown: string,
  { registry, stored, reserved }: KeyedVersions & { reserved: Relation },
): Promise<Relation> {
  const taken = [stored, reserved].map(
    (relation) => `select customer_id from ${relation} where customer_id >= ${next}`,
  );
  const assigned = await session.table(
    'assigned_keys',
    `with new_keys as (
  select customer_key, row_number() over (order by first_arrival) - 1 as n
  from (select customer_key, min(arrival) as first_arrival from ${unknown} group by customer_key) f),
taken as (select customer_id, row_number() over (order by customer_id) as i from (${taken.join(' union ')}) t),
steps as (select customer_id - ${next} - i + 1 as n, max(i) as shift from taken group by all)
select customer_key, cast(${next} + f.n + coalesce(shift, 0) as bigint) as customer_id from new_keys f asof left join steps s on f.n >= s.n`,
  );
  const [most] = await session.rows(
    `select max(customer_id) as last, count(*) as assigned from ${assigned}`,
  );
  if (Number(most?.['last']) > LAST_ID)
    throw new CustomerIdsExhausted(exhaustedMessage(Number(most?.['assigned']), next), {
      hint: EXHAUSTED_HINT,
    });
  await session.run(
    `insert into ${registry} select customer_key, cast(customer_id as int) from ${assigned}`,
  );
  return assigned;
}

import type { SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import { SILVER_COLUMNS } from '../../../medallion/layers.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { parquet } from '../files.ts';
import { openRegistry } from './customer-keys.ts';
import { hasRows, type Session } from '../session.ts';

/** The live objects, and the registry of customer keys as far as it is written. */
export type LiveTask = Pick<SilverToGoldInput, 'live'> & {
  keys: Pick<SilverToGoldInput['keys'], 'files'>;
};

/**
 * Opens the relation `versions`: silver's columns of every live object, with `arrival` (the
 * object's position plus the row number) and each `customer_id` known, keys looked up in
 * `customer_keys`. `versions_read` is the same before the look-up. Where it is said which objects
 * `arrived`, they are `arrived_objects`, and `arrived_versions` and `arrived_read` are their rows
 * alone. Answers whether any version has a key.
 */
export async function openVersions(
  session: Session,
  workspace: Workspace,
  task: LiveTask,
  arrived?: readonly { key: string }[],
): Promise<boolean> {
  const local = new Map<string, string>();
  for (const key of new Set(task.live.map(({ silver }) => silver)))
    local.set(key, session.file(await workspace.store.local(key, workspace.scratch)));
  await listLive(session, task.live, local);
  await openRegistry(session, workspace, task.keys);
  await session.run(`create temp view versions_read as ${liveRows(session, task.live, local)}`);
  if (arrived !== undefined) await openArrived(session, task.live, arrived, local);
  // All that was live before is in the registry.
  const mayHaveKeys = arrived === undefined ? 'versions_read' : 'arrived_read';
  const anyKey =
    (arrived !== undefined && task.keys.files.length > 0) ||
    (await hasRows(session, `${mayHaveKeys} where customer_key is not null`));
  const known = (read: string): string =>
    anyKey
      ? `select v.* replace (coalesce(v.customer_id, k.customer_id) as customer_id) from ${read} v left join customer_keys k on k.customer_key = v.customer_key`
      : `select * from ${read}`;
  await session.run(`create temp view versions as ${known('versions_read')}`);
  if (arrived !== undefined)
    await session.run(`create temp view arrived_versions as ${known('arrived_read')}`);
  return anyKey;
}

async function listLive(
  session: Session,
  live: LiveTask['live'],
  local: ReadonlyMap<string, string>,
): Promise<void> {
  await session.run('create temp table live (object_key varchar, silver varchar, position bigint)');
  const appender = await session.connection.createAppender('live');
  for (const { key, silver, position } of live) {
    appender.appendVarchar(key);
    appender.appendVarchar(local.get(silver) ?? '');
    appender.appendBigInt(BigInt(position));
    appender.endRow();
  }
  appender.closeSync();
}

async function openArrived(
  session: Session,
  live: LiveTask['live'],
  arrived: readonly { key: string }[],
  local: ReadonlyMap<string, string>,
): Promise<void> {
  await session.run('create temp table arrived_objects (object_key varchar)');
  const appender = await session.connection.createAppender('arrived_objects');
  for (const { key } of arrived) {
    appender.appendVarchar(key);
    appender.endRow();
  }
  appender.closeSync();
  const keys = new Set(arrived.map(({ key }) => key));
  const rows = liveRows(
    session,
    live.filter(({ key }) => keys.has(key)),
    local,
  );
  await session.run(
    `create temp view arrived_read as select r.* from (${rows}) r semi join arrived_objects using (object_key)`,
  );
}

/**
 * Up to so many objects are read one by one: joining every row with the list of objects takes as
 * long as reading it.
 */
const ONE_BY_ONE = 64;

/**
 * A file may hold objects that are live no more: the file and the object together tell. A key that
 * stands in the statement is one text for all rows, where one that is read is a text a row to
 * whatever groups by it.
 */
function liveRows(
  session: Session,
  live: LiveTask['live'],
  local: ReadonlyMap<string, string>,
): string {
  if (live.length === 0) return NO_VERSIONS;
  if (live.length > ONE_BY_ONE) {
    const paths = [...new Set(live.map(({ silver }) => local.get(silver) ?? ''))];
    return `select s.* exclude (filename), l.position + s.row_number as arrival
from ${parquet(session, paths, { filename: true })} s join live l on l.object_key = s.object_key and l.silver = s.filename`;
  }
  return live
    .map(
      ({ key, silver, position }) =>
        `select * replace (${literal(key)} as object_key), ${position} + row_number as arrival from ${parquet(session, [local.get(silver) ?? ''])} where object_key = ${literal(key)}`,
    )
    .join(' union all ');
}

/** No object has silver rows. */
const NO_VERSIONS = `select ${SILVER_COLUMNS.map(([name, type]) => `cast(null as ${type}) as ${name}`).join(', ')}, cast(null as bigint) as arrival where false`;

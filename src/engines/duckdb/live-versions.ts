import type { SilverToGoldTask, Workplace } from '../../lake/ports/engine.ts';
import { SILVER_COLUMNS } from '../../medallion/layers.ts';
import { literal } from '../../medallion/text.ts';
import { parquet } from './parquet.ts';
import type { Session } from './session.ts';

/** The live objects, and the registry of customer keys as far as it is written. */
export type LiveTask = Pick<SilverToGoldTask, 'live'> & {
  keys: Pick<SilverToGoldTask['keys'], 'files'>;
};

/**
 * Opens the relation `versions`: silver's columns of every live object, with `arrival` (the object's position plus the row number) and each
 * `customer_id` known, keys looked up in `customer_keys`. `versions_read` is the same before the look-up. Answers whether any version has a key.
 */
export async function openVersions(
  session: Session,
  work: Workplace,
  task: LiveTask,
): Promise<boolean> {
  const local = new Map<string, string>();
  for (const key of new Set(task.live.map(({ silver }) => silver)))
    local.set(key, await work.store.local(key, work.scratch));
  await session.run('create temp table live (object_key varchar, silver varchar, position bigint)');
  const appender = await session.connection.createAppender('live');
  for (const { key, silver, position } of task.live) {
    appender.appendVarchar(key);
    appender.appendVarchar(local.get(silver) ?? '');
    appender.appendBigInt(BigInt(position));
    appender.endRow();
  }
  appender.closeSync();
  await session.run(await customerKeys(work, task));
  if (task.live.length === 0) return noVersions(session);
  await session.run(`create temp view versions_read as ${liveRows(task, local)}`);
  const [keyed] = await session.rows(
    `select count(*) as n from versions_read where customer_key is not null`,
  );
  const anyKey = Number(keyed?.['n'] ?? 0) > 0;
  await session.run(
    anyKey
      ? `create temp view versions as select v.* replace (coalesce(v.customer_id, k.customer_id) as customer_id) from versions_read v left join customer_keys k on k.customer_key = v.customer_key`
      : 'create temp view versions as select * from versions_read',
  );
  return anyKey;
}

/** Up to so many objects are read one by one: joining every row with the list of objects takes as long as reading it. */
const ONE_BY_ONE = 64;

/** A file may hold objects that are live no more: the file and the object together tell. */
function liveRows({ live }: LiveTask, local: ReadonlyMap<string, string>): string {
  if (live.length > ONE_BY_ONE)
    return `select s.* exclude (filename), l.position + s.row_number as arrival
from ${parquet([...local.values()], ', filename = true')} s join live l on l.object_key = s.object_key and l.silver = s.filename`;
  return live
    .map(
      ({ key, silver, position }) =>
        `select *, ${position} + row_number as arrival from ${parquet([local.get(silver) ?? ''])} where object_key = ${literal(key)}`,
    )
    .join(' union all ');
}

/** No object has silver rows: gold is an empty table. */
async function noVersions(session: Session): Promise<boolean> {
  const columns = SILVER_COLUMNS.map(([name, type]) => `cast(null as ${type}) as ${name}`).join(
    ', ',
  );
  await session.run(
    `create temp view versions_read as select ${columns}, cast(null as bigint) as arrival where false`,
  );
  await session.run('create temp view versions as select * from versions_read');
  return false;
}

async function customerKeys(work: Workplace, task: LiveTask): Promise<string> {
  if (task.keys.files.length === 0)
    return 'create temp table customer_keys (customer_key varchar, customer_id int)';
  const paths = await Promise.all(
    task.keys.files.map(({ key }) => work.store.local(key, work.scratch)),
  );
  return `create temp table customer_keys as select customer_key, cast(customer_id as int) as customer_id from ${parquet(paths)}`;
}

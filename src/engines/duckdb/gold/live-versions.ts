import type { SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import { emptyRows, SILVER_COLUMNS } from '../../../medallion/layers.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { parquet } from '../files.ts';
import { localPaths } from '../lake-files.ts';
import { loadTable, type Relation } from '../relation.ts';
import { openRegistry } from './customer-keys.ts';
import { hasRows, type Session } from '../session.ts';

/** The live objects, and the files of the registry of customer keys. */
export type LiveTask = Pick<SilverToGoldInput, 'live'> & {
  keys: Pick<SilverToGoldInput['keys'], 'files'>;
};

/**
 * Silver rows of live objects with `arrival`, the object's position plus the row number. `stored`
 * has each `customer_id` as the files have it, `versions` the ids of customer keys as well.
 */
type Versions = { stored: Relation; versions: Relation };

/** Rows of the objects that the previous gold does not contain, and the keys of those objects. */
export type ArrivedVersions = Versions & { objects: Relation };

/**
 * All live silver rows, with the registry of customer keys. `anyKey` is false if no version has a
 * customer key. `arrived` is undefined if `openVersions` was not given the arrived objects.
 */
export type LiveVersions = Versions & {
  registry: Relation;
  anyKey: boolean;
  arrived: ArrivedVersions | undefined;
};

/** Opens the relations over the live silver files, and over the `arrived` objects if given. */
export async function openVersions(
  session: Session,
  workspace: Workspace,
  task: LiveTask,
  arrived?: readonly { key: string }[],
): Promise<LiveVersions> {
  const silver = task.live.map((object) => object.silver);
  const local = await localPaths(session, workspace, silver);
  const objects = await listLive(session, task.live, local);
  const registry = await openRegistry(session, workspace, task.keys);
  const stored = await session.view(
    'stored_versions',
    liveRows(session, task.live, { objects, local }),
  );
  const arrivedRows =
    arrived === undefined
      ? undefined
      : await openArrived(session, task.live, arrived, { objects, local });
  // The registry contains every key of the objects that were live before.
  const anyKey =
    (arrivedRows !== undefined && task.keys.files.length > 0) ||
    (await hasRows(session, `${arrivedRows?.stored ?? stored} where customer_key is not null`));
  const resolved = (rows: Relation): string =>
    anyKey
      ? `select v.* replace (coalesce(v.customer_id, k.customer_id) as customer_id) from ${rows} v left join ${registry} k on k.customer_key = v.customer_key`
      : `select * from ${rows}`;
  return {
    stored,
    versions: await session.view('versions', resolved(stored)),
    registry,
    anyKey,
    arrived:
      arrivedRows === undefined
        ? undefined
        : {
            ...arrivedRows,
            versions: await session.view('arrived_versions', resolved(arrivedRows.stored)),
          },
  };
}

const listLive = (
  session: Session,
  live: LiveTask['live'],
  local: ReadonlyMap<string, string>,
): Promise<Relation> =>
  loadTable(
    session,
    'live_objects',
    { object_key: 'varchar', silver: 'varchar', position: 'bigint' },
    live.map(({ key, silver, position }) => ({
      object_key: key,
      silver: local.get(silver) ?? '',
      position,
    })),
  );

/** The live objects as a relation, and the local path of each silver file by its key. */
type LiveFiles = { objects: Relation; local: ReadonlyMap<string, string> };

async function openArrived(
  session: Session,
  live: LiveTask['live'],
  arrived: readonly { key: string }[],
  files: LiveFiles,
): Promise<Omit<ArrivedVersions, 'versions'>> {
  const objects = await loadTable(
    session,
    'arrived_objects',
    { object_key: 'varchar' },
    arrived.map(({ key }) => ({ object_key: key })),
  );
  const keys = new Set(arrived.map(({ key }) => key));
  const rows = liveRows(
    session,
    live.filter(({ key }) => keys.has(key)),
    files,
  );
  const stored = await session.view(
    'stored_arrived',
    `select r.* from (${rows}) r semi join ${objects} using (object_key)`,
  );
  return { objects, stored };
}

/**
 * Up to this many objects are read one by one: joining every row with the list of objects takes as
 * long as reading it.
 */
const ONE_BY_ONE = 64;

/**
 * Select of the rows of live objects. A file may also hold objects that are no longer live, so file
 * and object identify a row. An object key written into the statement is one constant text, whereas
 * a key read from the file is a text in every row, which costs more to group by.
 */
function liveRows(session: Session, live: LiveTask['live'], { objects, local }: LiveFiles): string {
  if (live.length === 0) return emptyRows(SILVER_COLUMNS, ', cast(null as bigint) as arrival');
  if (live.length > ONE_BY_ONE) {
    const paths = [...new Set(live.map(({ silver }) => local.get(silver) ?? ''))];
    return `select s.* exclude (filename), l.position + s.row_number as arrival
from ${parquet(session, paths, { filename: true })} s join ${objects} l on l.object_key = s.object_key and l.silver = s.filename`;
  }
  return live
    .map(
      ({ key, silver, position }) =>
        `select * replace (${literal(key)} as object_key), ${position} + row_number as arrival from ${parquet(session, [local.get(silver) ?? ''])} where object_key = ${literal(key)}`,
    )
    .join(' union all ');
}

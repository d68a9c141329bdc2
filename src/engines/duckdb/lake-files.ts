import type { Workspace } from '../../lake/ports/engine.ts';
import { type Column, emptyRows } from '../../medallion/layers.ts';
import { parquet } from './files.ts';
import { loadTable, type Relation } from './relation.ts';
import type { Session } from './session.ts';

type Files = Pick<Workspace, 'store' | 'scratch'>;

/** Paths that statements of the session may name, by the key of each distinct file. */
export async function localPaths(
  session: Session,
  { store, scratch }: Files,
  keys: Iterable<string>,
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const key of new Set(keys)) paths.set(key, session.file(await store.local(key, scratch)));
  return paths;
}

/** A table expression over Parquet files of the lake: no rows of `columns` if there are none. */
export async function storedRows(
  session: Session,
  files: Files,
  keys: readonly string[],
  columns: readonly Column[],
): Promise<string> {
  if (keys.length === 0) return `(${emptyRows(columns)})`;
  return parquet(session, [...(await localPaths(session, files, keys)).values()]);
}

/**
 * Opens the rows of some objects in Parquet files of the lake as the view `name`. A file may also
 * hold objects that are no longer live, so file and object identify a row. Columns that a file of
 * an older lake lacks are null.
 */
export async function openObjects(
  session: Session,
  files: Files,
  name: string,
  columns: readonly Column[],
  objects: readonly { object: string; file: string }[],
): Promise<Relation> {
  if (objects.length === 0) return session.view(name, emptyRows(columns));
  const paths = await localPaths(
    session,
    files,
    objects.map(({ file }) => file),
  );
  const listed = await loadTable(
    session,
    `${name}_objects`,
    { object_key: 'varchar', file: 'varchar' },
    objects.map(({ object, file }) => ({ object_key: object, file: paths.get(file) ?? '' })),
  );
  return session.view(
    name,
    `select r.* exclude (filename) from ${parquet(session, [...paths.values()], { filename: true, byName: true })} r
join ${listed} l on l.object_key = r.object_key and l.file = r.filename`,
  );
}

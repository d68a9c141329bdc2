import type { CustomerIndex, ObjectRows } from '../../../lake/ports/customer-index.ts';
import type { Workspace } from '../../../lake/ports/engine.ts';
import { parquet } from '../files.ts';
import { type DuckdbOptions, openWorkspaceSession, type Session } from '../session.ts';
import { localPaths } from '../lake-files.ts';

/** Searches customers with DuckDB, in process. */
export function duckdbCustomerIndex(options: DuckdbOptions): CustomerIndex {
  return {
    async customerIn(workspace, customer, versions) {
      await using session = await openWorkspaceSession(options, workspace);
      return await customerIn(session, workspace, customer, versions);
    },
    async objectsOf(workspace, customer, among) {
      await using session = await openWorkspaceSession(options, workspace);
      return await objectsOf(session, workspace, customer, among);
    },
  };
}

async function customerIn(
  session: Session,
  workspace: Workspace,
  customer: number,
  versions: { seq: number; files: string[] }[],
): Promise<{ seq: number; row: Record<string, string | null> }[]> {
  const found: { seq: number; row: Record<string, string | null> }[] = [];
  for (const { seq, files } of versions) {
    if (files.length === 0) continue;
    const local = await Promise.all(
      files.map((key) => workspace.store.local(key, workspace.scratch)),
    );
    const [row] = await session.rows(
      `select * from ${parquet(session, local)} where customer_id = ${customer}`,
    );
    if (row !== undefined) found.push({ seq, row });
  }
  return found;
}

async function objectsOf(
  session: Session,
  workspace: Workspace,
  customer: number,
  { candidates, live, keys }: { candidates: ObjectRows[]; live: string[]; keys: string[] },
): Promise<ObjectRows[]> {
  const files = new Set(candidates.map(({ file }) => file));
  if (files.size === 0) return [];
  const local = await localPaths(session, workspace, [...files, ...live]);
  const registry = await Promise.all(
    keys.map((key) => workspace.store.local(key, workspace.scratch)),
  );
  const keyed =
    registry.length === 0
      ? 'false'
      : `customer_key in (select customer_key from ${parquet(session, registry)} where customer_id = ${customer})`;
  const own = `coalesce(customer_id = ${customer}, false) or coalesce(${keyed}, false)`;
  const purchases = await session.table(
    'purchases',
    `select distinct source, purchase_id from ${parquet(session, [...local.values()])} where ${own}`,
  );
  const among = [...files].map((file) => local.get(file) ?? '');
  const rows = await session.rows(
    `select distinct object_key, filename from ${parquet(session, among, { filename: true })} s where exists (select 1 from ${purchases} p where p.source = s.source and p.purchase_id = s.purchase_id)`,
  );
  const customerObjects = new Set(
    rows.map((row) => JSON.stringify([row['object_key'], row['filename']])),
  );
  return candidates.filter(({ object, file }) =>
    customerObjects.has(JSON.stringify([object, local.get(file)])),
  );
}

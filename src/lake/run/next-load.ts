import { fileDamage } from '../ledger/integrity.ts';
import type { GoldChanges, Workspace } from '../ports/engine.ts';
import type { Load, SyncState, Warehouse } from '../ports/warehouse.ts';
import type { DataFile, LakeState } from '../ledger/records.ts';
import { mustBeOwn, tableOrigin } from '../audit/table-origin.ts';

/**
 * The load to the newest commit is the difference of `before` and `after`; `before` is null where
 * all of gold is to be staged.
 */
export type LoadStart = {
  before: DataFile[] | null;
  after: DataFile[];
  fromSeq: number | null;
  /** What the table said of itself when this was decided. */
  from: SyncState | null;
  scope: NonNullable<Load['scope']>;
};

/**
 * The difference from the gold that the table holds; all of gold where the table is empty or that
 * gold is gone or damaged (SPEC section 10). `changes`: what the newest commit touched; a table
 * that holds the commit before needs no more of either gold. Errors: `WarehouseForeign`.
 */
export async function loadStart(
  workspace: Workspace,
  warehouse: Warehouse,
  ledger: LakeState,
  changes?: GoldChanges,
): Promise<LoadStart> {
  const after = ledger.gold?.files ?? [];
  const { sync, empty } = await warehouse.state();
  const origin = await tableOrigin(workspace.store, ledger, { sync, empty });
  mustBeOwn(warehouse, origin, ledger, sync);
  if (sync === undefined || origin.kind !== 'ours')
    return { before: null, after, fromSeq: null, from: null, scope: 'difference' };
  const { gold } = origin.commit;
  const fromSeq = sync.seq;
  const start = { fromSeq, from: sync };
  if (empty) return { ...start, before: null, after, scope: 'whole' };
  const isWhole = async (files: readonly DataFile[]): Promise<boolean> => {
    for (const file of files) if ((await fileDamage(workspace, file)) !== undefined) return false;
    return true;
  };
  if (changes !== undefined && fromSeq === ledger.seq - 1) {
    const { former: previous, fresh: recomputed } = changes;
    if (await isWhole([previous, recomputed]))
      return { ...start, before: [previous], after: [recomputed], scope: 'difference' };
  }
  const before = gold?.files ?? [];
  return (await isWhole(before))
    ? { ...start, before, after, scope: 'difference' }
    : { ...start, before: null, after, scope: 'whole' };
}

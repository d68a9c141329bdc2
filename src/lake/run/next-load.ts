import { fileDamage } from '../ledger/integrity.ts';
import type { GoldChanges, Workspace } from '../ports/engine.ts';
import type { Load, SyncState, Warehouse } from '../ports/warehouse.ts';
import type { DataFile, LakeState } from '../ledger/records.ts';
import { mustBeOwn, tableOrigin } from '../audit/table-origin.ts';

/**
 * Inputs of the load to the newest commit: the difference of `before` and `after`; `before` is null
 * where all of gold is staged.
 */
export type LoadStart = {
  before: DataFile[] | null;
  after: DataFile[];
  fromSeq: number | null;
  /** The table's state when the load was planned. */
  from: SyncState | null;
  scope: NonNullable<Load['scope']>;
};

/**
 * Plans the difference from the gold that the table holds, or all of gold where the table is empty
 * or that gold is missing or damaged (SPEC section 10). `changes`: rows that the newest commit
 * changed, which suffice for a table at the previous commit. Errors: `WarehouseForeign`.
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

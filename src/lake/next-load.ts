import { WarehouseForeign } from '../errors.ts';
import { fileDamage } from './intact.ts';
import { commitKey } from './layout.ts';
import { readCommit } from './ledger.ts';
import type { GoldChanges, Workplace } from './ports/engine.ts';
import type { Load, SyncState, Warehouse } from './ports/warehouse.ts';
import type { Commit, DataFile, LakeState } from './records.ts';

/** The load to the newest commit is the difference of `before` and `after`; `before` is null where all of gold is to be staged. */
export type LoadStart = {
  before: DataFile[] | null;
  after: DataFile[];
  fromSeq: number | null;
  scope: NonNullable<Load['scope']>;
};

/**
 * The difference from the gold that the table holds; all of gold where the table is empty or that gold is gone or damaged
 * (SPEC section 10). `changes`: what the newest commit touched; a table that holds the commit before needs no more of either gold.
 * Errors: `WarehouseForeign`.
 */
export async function loadStart(
  work: Workplace,
  warehouse: Warehouse,
  ledger: LakeState,
  changes?: GoldChanges,
): Promise<LoadStart> {
  const after = ledger.gold?.files ?? [];
  const { sync, empty } = await warehouse.state();
  if (sync === undefined) {
    if (!empty) throw foreign(warehouse, 'holds rows that no run of this lake wrote');
    return { before: null, after, fromSeq: null, scope: 'difference' };
  }
  const fromSeq = sync.seq;
  const { gold } = await commitHeld(work, warehouse, ledger, sync);
  if (empty) return { before: null, after, fromSeq, scope: 'whole' };
  const isWhole = async (files: readonly DataFile[]): Promise<boolean> => {
    for (const file of files) if ((await fileDamage(work, file)) !== undefined) return false;
    return true;
  };
  if (changes !== undefined && fromSeq === ledger.seq - 1) {
    const { former, fresh } = changes;
    if (await isWhole([former, fresh]))
      return { before: [former], after: [fresh], fromSeq, scope: 'difference' };
  }
  const before = gold?.files ?? [];
  return (await isWhole(before))
    ? { before, after, fromSeq, scope: 'difference' }
    : { before: null, after, fromSeq, scope: 'whole' };
}

/** The commit that the table was last made equal to, which must be one of this ledger. */
async function commitHeld(
  { store }: Workplace,
  warehouse: Warehouse,
  ledger: LakeState,
  sync: SyncState,
): Promise<Commit> {
  if (sync.lake !== ledger.lake) throw foreign(warehouse, `belongs to another lake (${sync.lake})`);
  if (sync.seq > ledger.seq)
    throw foreign(warehouse, `is at seq ${sync.seq}, but this lake's ledger ends at ${ledger.seq}`);
  const { commit, digest } = await readCommit(store, commitKey(sync.seq));
  if (digest !== sync.commit)
    throw foreign(warehouse, `is at a commit that this lake does not know (seq ${sync.seq})`);
  return commit;
}

const foreign = (warehouse: Warehouse, what: string): WarehouseForeign =>
  new WarehouseForeign(`The serving table in ${warehouse.name} ${what}.`, {
    hint: 'Nothing was touched. See what would change, then take it over: purchases adopt (after a restored backup: purchases repair). Or point `warehouse` at another table.',
  });

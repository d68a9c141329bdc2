import { WarehouseForeign } from '../../errors.ts';
import { commitKey } from '../layout.ts';
import { readCommit } from '../ledger/ledger.ts';
import type { Store } from '../ports/store.ts';
import type { SyncState, Warehouse } from '../ports/warehouse.ts';
import type { Commit, LakeState } from '../ledger/records.ts';

/**
 * The lake that the serving table was written from. `ours`: its sync state names this lake and a
 * commit of this ledger. `new`: no state and no row. All others are external: rows without a state,
 * another lake's, a seq that this ledger has not reached (a copy of the lake has newer commits, or
 * the lake is an old backup), or another commit of the same seq (two copies have diverged).
 */
export type TableOrigin =
  | { kind: 'ours'; commit: Commit }
  | { kind: 'new' | 'unrecorded' | 'other_lake' | 'ahead' | 'other_commit' };

type TableState = { sync: SyncState | undefined; empty: boolean };
type Ledger = Pick<LakeState, 'lake' | 'seq'>;

/** Compares the table's state with the ledger, read-only. Error: `LedgerDamaged`. */
export async function tableOrigin(
  store: Store,
  ledger: Ledger,
  { sync, empty }: TableState,
): Promise<TableOrigin> {
  if (sync === undefined) return { kind: empty ? 'new' : 'unrecorded' };
  if (sync.lake !== ledger.lake) return { kind: 'other_lake' };
  if (sync.seq > ledger.seq) return { kind: 'ahead' };
  if (!(sync.seq >= 1)) return { kind: 'other_commit' };
  const { commit, digest } = await readCommit(store, commitKey(sync.seq));
  return digest === sync.commit ? { kind: 'ours', commit } : { kind: 'other_commit' };
}

/** True where the table may be written without the operator's confirmation. */
export const isOwn = ({ kind }: TableOrigin): boolean => kind === 'ours' || kind === 'new';

/** Checks that the table is this lake's. Error: `WarehouseForeign`, with what was found. */
export function mustBeOwn(
  warehouse: Warehouse,
  origin: TableOrigin,
  { lake, seq }: Ledger,
  sync: SyncState | undefined,
): void {
  if (isOwn(origin)) return;
  const found = `lake ${sync?.lake}, seq ${sync?.seq}`;
  const what = {
    unrecorded: 'holds rows that no run of this lake wrote',
    other_lake: `belongs to another lake (${found}; this one is ${lake ?? 'new'})`,
    ahead: `is at seq ${sync?.seq}, but this lake's ledger ends at ${seq} (${found})`,
    other_commit: `is at a commit that this lake does not know (${found}, ${sync?.commit})`,
    ours: '',
    new: '',
  }[origin.kind];
  throw new WarehouseForeign(`The serving table in ${warehouse.name} ${what}.`, {
    hint: takeOverHint(origin, sync),
  });
}

function takeOverHint({ kind }: TableOrigin, sync: SyncState | undefined): string {
  if (kind === 'unrecorded')
    return 'The table was not touched. See what would change, then take it over: purchases adopt. Or point `warehouse` at another database.';
  const take = `purchases repair --yes-take-over ${sync?.lake}`;
  return kind === 'other_lake'
    ? `The table was not touched. Point \`warehouse\` at another database; or, if the other lake is given up, see what would change with purchases adopt, and replace its rows by this lake's: ${take}`
    : `The table was not touched. Where this is a copy of the lake, give it a database of its own. Where it is a backup that takes the lake's place, make the table equal to it: ${take}`;
}

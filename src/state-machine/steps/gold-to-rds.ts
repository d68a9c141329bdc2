import { createReadStream } from 'node:fs';

import { WarehouseForeign } from '../../errors.ts';
import { commitKey } from '../../lake/layout.ts';
import { readCommit, readLedger } from '../../lake/ledger.ts';
import type { Store } from '../../lake/ports/store.ts';
import type { SyncState, Warehouse } from '../../lake/ports/warehouse.ts';
import type { DataFile, LakeState } from '../../lake/records.ts';
import { writeDocument } from '../../lake/run-documents.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';

/** Stages the difference between what the serving table holds and the newest gold (SPEC section 10). */
export function goldToRdsStep(deps: StepDeps): Step {
  return (state, context) =>
    atWork(deps, state, context, async (place) => {
      const ledger = await readLedger(deps.store);
      if (ledger.lake === null || ledger.commit === null) return state;
      const warehouse = await deps.warehouse();
      const held = await warehouse.state();
      const before = await goldHeld(deps.store, warehouse, ledger, held);
      const { path, rows } = await deps.engine.goldToStaging(
        place,
        before,
        ledger.gold?.files ?? [],
      );
      const load = {
        loadId: `${ledger.seq}-${deps.newId()}`,
        lake: ledger.lake,
        fromSeq: held.sync?.seq ?? null,
        toSeq: ledger.seq,
        commit: ledger.commit,
        rows,
      };
      await warehouse.stage(load, createReadStream(path, { highWaterMark: 1 << 20 }));
      await writeDocument(deps.store, state.run_id, 'load', load);
      context.emit?.({ rows });
      return { ...state, seq: ledger.seq };
    });
}

/** Gold as the table holds it; null where the table is empty and has never been written. Errors: `WarehouseForeign`. */
async function goldHeld(
  store: Store,
  warehouse: Warehouse,
  ledger: LakeState,
  held: { sync: SyncState | undefined; rows: number },
): Promise<DataFile[] | null> {
  const { sync, rows } = held;
  if (sync === undefined) {
    if (rows === 0) return null;
    throw foreign(warehouse, `holds ${rows} rows that no run of this lake wrote`);
  }
  if (sync.lake !== ledger.lake) throw foreign(warehouse, `belongs to another lake (${sync.lake})`);
  if (sync.seq > ledger.seq)
    throw foreign(warehouse, `is at seq ${sync.seq}, but this lake's ledger ends at ${ledger.seq}`);
  const { commit, digest } = await readCommit(store, commitKey(sync.seq));
  if (digest !== sync.commit)
    throw foreign(warehouse, `is at a commit that this lake does not know (seq ${sync.seq})`);
  return commit.gold?.files ?? [];
}

const foreign = (warehouse: Warehouse, what: string): WarehouseForeign =>
  new WarehouseForeign(`The serving table in ${warehouse.name} ${what}.`, {
    hint: 'Nothing was touched. Point `warehouse` at the table of this lake, or at an empty one.',
  });

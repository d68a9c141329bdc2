import { createReadStream } from 'node:fs';

import { mustBeIntact } from '../../lake/intact.ts';
import { readLedger } from '../../lake/ledger.ts';
import { loadStart } from '../../lake/next-load.ts';
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
      const { before, fromSeq, scope } = await loadStart(place, warehouse, ledger);
      const after = ledger.gold?.files ?? [];
      await mustBeIntact(place, after);
      const { path, rows } = await deps.engine.goldToStaging(place, before, after);
      const load = {
        loadId: `${ledger.seq}-${deps.newId()}`,
        lake: ledger.lake,
        fromSeq,
        toSeq: ledger.seq,
        commit: ledger.commit,
        rows,
        scope,
      };
      await warehouse.stage(load, createReadStream(path, { highWaterMark: 1 << 20 }));
      await writeDocument(deps.store, state.run_id, 'load', load);
      context.emit?.({ rows });
      return { ...state, seq: ledger.seq };
    });
}

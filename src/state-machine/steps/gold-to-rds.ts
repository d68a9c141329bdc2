import { createReadStream } from 'node:fs';

import { mustBeIntact } from '../../lake/ledger/integrity.ts';
import { writeDocument } from '../../lake/run/run-documents.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';
import { loadWork } from './load-work.ts';

/**
 * Stages the difference between what the serving table holds and the newest gold (SPEC section 10).
 */
export function goldToRdsStep(deps: StepDeps): Step {
  return (state, context) =>
    atWork(deps, state, context, async (workspace) => {
      const work = await loadWork(deps, workspace, state.run_id);
      if (work === undefined) return state;
      await mustBeIntact(workspace, work.after);
      const { path, rows } = await deps.engine.goldToStaging(workspace, work.before, work.after);
      const { toSeq } = work.load;
      const load = { ...work.load, loadId: `${toSeq}-${deps.newId()}`, rows };
      const warehouse = await deps.warehouse();
      await warehouse.stage(load, createReadStream(path, { highWaterMark: 1 << 20 }));
      await writeDocument(deps.store, state.run_id, 'load', load);
      context.emit?.({ rows });
      return { ...state, seq: toSeq };
    });
}

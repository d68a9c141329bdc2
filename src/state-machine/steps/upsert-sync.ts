import { LoadStale } from '../../errors.ts';
import { readLedger } from '../../lake/ledger/ledger.ts';
import { findDocument, writeDocument } from '../../lake/run/run-documents.ts';
import type { Step } from '../run-state.ts';
import type { StepDeps } from './deps.ts';

/**
 * Brings the serving table to the load's seq in one transaction. Errors: `LoadStale`,
 * `LoadIncomplete`.
 */
export function upsertSyncStep(deps: StepDeps): Step {
  return async (state, context) => {
    const load = await findDocument(deps.store, state.run_id, 'load');
    const warehouse = await deps.warehouse();
    const result = await warehouse.upsert(load);
    if (result.outcome === 'stale')
      throw new LoadStale(
        `The load to seq ${load?.toSeq} starts at seq ${load?.fromSeq}, but the serving table is at ${result.seq}.`,
        {
          hint: 'The run stages the difference again.',
        },
      );
    const { gold } = await readLedger(deps.store);
    await writeDocument(deps.store, state.run_id, 'upsert', {
      ...result,
      customers: gold?.customers ?? 0,
    });
    const { inserted, updated, deleted } = result;
    context.emit?.({
      rows: inserted + updated + deleted,
      message: `${inserted} inserted, ${updated} updated, ${deleted} deleted`,
    });
    return state;
  };
}

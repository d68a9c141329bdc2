import { whileIntact } from '../../lake/ledger/integrity.ts';
import { type GoldDocument, writeDocument } from '../../lake/run/run-documents.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';
import { goldWork } from './gold-work.ts';

/**
 * Builds gold from what will be live: recomputes the touched customers and copies all others from
 * the previous gold.
 */
export function silverToGoldStep(deps: StepDeps): Step {
  return (state, context) =>
    atWork(deps, state, context, async (workspace) => {
      const { empty: nothing, input: make } = await goldWork(deps, state);
      let document: GoldDocument = nothing;
      if (make !== undefined) {
        const { task, reads } = make;
        const { fates, keys, changes, ...result } = await whileIntact(workspace, reads, () =>
          deps.engine.silverToGold(workspace, task),
        );
        const gold = { day: make.day, ...result };
        document = { gold, fates, keys, ...(changes === undefined ? {} : { changes }) };
        context.emit?.({ rows: result.customers, message: `${result.customers} customers` });
      }
      await writeDocument(deps.store, state.run_id, 'gold', document);
      return state;
    });
}

import { type GoldDocument, writeDocument } from '../../lake/run-documents.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';
import { goldWork } from './gold-work.ts';

/** Makes gold of what will be live: the touched customers anew, all others from the gold before. */
export function silverToGoldStep(deps: StepDeps): Step {
  return (state, context) =>
    atWork(deps, state, context, async (place) => {
      const { nothing, make } = await goldWork(deps, state);
      let document: GoldDocument = nothing;
      if (make !== undefined) {
        const { files, customers, total, digest, fates, keys } = await deps.engine.silverToGold(
          place,
          make.task,
        );
        const { goldPrefix: prefix } = make.task;
        const gold = { day: make.day, prefix, files, customers, total, digest };
        document = { gold, fates, keys };
        context.emit?.({ rows: customers, message: `${customers} customers` });
      }
      await writeDocument(deps.store, state.run_id, 'gold', document);
      return state;
    });
}

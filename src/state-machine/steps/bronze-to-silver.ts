import { BronzeChanged } from '../../errors.ts';
import { ratesInUse } from '../../lake/run/rates.ts';
import { readDocument, writeDocument } from '../../lake/run/run-documents.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';

/**
 * Reads the planned objects into silver and quarantine files. The files are not visible before the
 * commit; a retry writes the same files again.
 */
export function bronzeToSilverStep(deps: StepDeps): Step {
  return (state, context) =>
    atWork(deps, state, context, async (workspace) => {
      const plan = await readDocument(deps.store, state.run_id, 'plan');
      const inUse = await ratesInUse(deps.store, deps.rates);
      // The commit names the rates of the plan: silver must be built with them.
      if (inUse.record.digest !== plan.rates.digest)
        throw new BronzeChanged('The exchange rates changed since the plan.', {
          hint: 'The run plans again with the current rates.',
        });
      const rates = await inUse.file(workspace.scratch);
      const { timeZone, limits } = deps.settings;
      const written = await deps.engine.bronzeToSilver(workspace, {
        objects: plan.make,
        rates,
        timeZone,
        limits,
      });
      await writeDocument(deps.store, state.run_id, 'made', written);
      return state;
    });
}

import { bronzeTask, SPARK_VERSION } from '../../engines/spark/tasks.ts';
import { BRONZE } from '../../lake/layout.ts';
import type { PlannedObject } from '../../lake/run/plan.ts';
import type { RatesInUse } from '../../lake/run/rates.ts';
import type { RunState, StepContext } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';
import { ratesForJob, writeTask } from './job-task.ts';

/**
 * Writes the task of a cluster that reads the planned objects, at the end of Plan: the SQL of their
 * sources, and the rates.
 */
export function bronzeToSilverTask(
  deps: StepDeps,
  state: RunState,
  context: StepContext,
  { make, rates }: { make: PlannedObject[]; rates: RatesInUse },
): Promise<void> {
  return atWork(deps, state, context, async ({ scratch }) => {
    const { timeZone, limits } = deps.settings;
    const placed = await ratesForJob(deps.store, state.run_id, await rates.file(scratch));
    const paths = new Map(make.map(({ key }) => [key, BRONZE + key]));
    const task = { objects: make, rates: placed, timeZone, limits };
    await writeTask(
      deps.store,
      state.run_id,
      'bronze-to-silver',
      bronzeTask(SPARK_VERSION, task, paths, ''),
    );
  });
}

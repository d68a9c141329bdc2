import { goldTask } from '../../engines/spark/tasks.ts';
import type { Step } from '../run-state.ts';
import type { StepDeps } from './deps.ts';
import { goldWork } from './gold-work.ts';
import { writeTask } from './job-task.ts';

/**
 * Writes the task of the job that builds gold. Without a cluster, the states run the steps
 * themselves.
 */
export function silverToGoldTaskStep(deps: StepDeps): Step {
  return async (state) => {
    if (deps.cluster === undefined) return state;
    const { empty: nothing, input: make } = await goldWork(deps, state);
    const task =
      make === undefined
        ? { nothing }
        : { day: make.day, reads: make.reads, ...goldTask(make.task, (key) => key, '') };
    await writeTask(deps.store, state.run_id, 'silver-to-gold', task);
    return state;
  };
}

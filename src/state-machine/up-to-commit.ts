import { initialRunState, type RunState, type StepContext, type StepName } from './run-state.ts';
import type { StepDeps } from './steps/deps.ts';
import { createSteps } from './steps/index.ts';

const LAKE_STEPS: StepName[] = ['BronzeToSilver', 'SilverToGold', 'Commit'];

/**
 * Brings gold up to date and leaves the serving table unchanged; returns the result of Plan.
 * Errors: `LedgerConflict` if another writer committed first.
 */
export async function upToCommit(
  deps: StepDeps,
  runId: string,
  signal: AbortSignal,
): Promise<RunState['work']> {
  const steps = createSteps(deps);
  const context = (stateName: string): StepContext => ({ signal, stateName });
  let state = await steps.Plan(initialRunState(runId, 'adopt'), context('Plan'));
  const { work } = state;
  if (work === 'lake')
    for (const name of LAKE_STEPS) state = await steps[name](state, context(name));
  return work;
}

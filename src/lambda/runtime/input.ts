import {
  asRunState,
  initialRunState,
  type RunState,
  type StepName,
} from '../../state-machine/run-state.ts';
import type { StepDeps } from '../../state-machine/steps/deps.ts';

/**
 * Reads the run state that a function was called with. An execution may also be started manually
 * with `{}` or with the hint of the first design, `{year, month, day, s3_path}`: Plan, which lists
 * all of bronze, then creates the run state.
 */
export function inputOf(
  name: StepName,
  event: unknown,
  deps: Pick<StepDeps, 'newId' | 'now'>,
): RunState {
  const fields = Object(event) as Record<string, unknown>;
  if ('run_id' in fields) return asRunState(event, `The input of ${name}`);
  const manualId = `manual-${deps.now().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-${deps.newId()}`;
  const state = initialRunState(
    manualId,
    typeof fields['s3_path'] === 'string' ? 'a hint' : 'by hand',
  );
  if (name === 'Plan') return state;
  // A run whose Plan failed for good still reports it.
  if (name === 'NotifyFailure') return { ...state, ...errorOf(fields['error']) };
  return asRunState(event, `The input of ${name}`);
}

function errorOf(error: unknown): Pick<RunState, 'error'> {
  const { Error: name, Cause } = Object(error);
  if (typeof name !== 'string') return {};
  return { error: { Error: name, ...(typeof Cause === 'string' ? { Cause } : {}) } };
}

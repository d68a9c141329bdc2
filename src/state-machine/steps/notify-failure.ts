import type { Step } from '../run-state.ts';

/** Reports that the run failed, and why: to a topic in AWS, to the terminal on a laptop. */
export function notifyFailureStep(): Step {
  return async (state, context) => {
    context.emit?.({ message: `failed: ${state.error?.Error ?? 'unknown error'}` });
    return state;
  };
}

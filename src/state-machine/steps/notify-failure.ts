import type { Step } from '../run-state.ts';

/** Tells whoever watches that the run failed, and why; in AWS a topic, on a laptop the terminal. */
export function notifyFailureStep(): Step {
  return async (state, context) => {
    context.emit?.({ message: `failed: ${state.error?.Error ?? 'unknown error'}` });
    return state;
  };
}

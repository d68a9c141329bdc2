import { readLedger } from '../../lake/ledger.ts';
import type { Step } from '../run-state.ts';
import type { StepDeps } from './deps.ts';

/**
 * Switches what readers see to the newest commit. On a laptop the views are made from the ledger whenever they are read, so
 * the commit itself was the switch; only the head to go on from is read anew, never backwards.
 */
export function publishStep(deps: StepDeps): Step {
  return async (state) => {
    const { seq } = await readLedger(deps.store);
    return { ...state, seq: Math.max(seq, state.seq) };
  };
}

import { readLedger } from '../../lake/ledger/ledger.ts';
import type { Step } from '../run-state.ts';
import type { StepDeps } from './deps.ts';

/**
 * Switches readers to the newest commit, then reads the ledger once more: a commit that arrived
 * meanwhile is published too, whichever writer is slower. Without a catalog the commit itself was
 * the switch, since views are built from the ledger when they are read.
 */
export function publishStep({ store, catalog }: StepDeps): Step {
  return async (state) => {
    let ledger = await readLedger(store);
    if (catalog === undefined) return { ...state, seq: Math.max(ledger.seq, state.seq) };
    for (let published = 0; published < ledger.seq;) {
      await catalog.publish(ledger);
      published = ledger.seq;
      ledger = await readLedger(store);
    }
    return { ...state, seq: Math.max(ledger.seq, state.seq) };
  };
}

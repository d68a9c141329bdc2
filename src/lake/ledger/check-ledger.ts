import { LedgerDamaged } from '../../errors.ts';
import { CHECKPOINTS, COMMITS, seqOfKey } from '../layout.ts';
import { readCheckpoint, readCommit } from './ledger.ts';
import type { Store } from '../ports/store.ts';
import type { Commit } from './records.ts';

/** A damaged or inconsistent ledger object, by key. */
export type LedgerFault = { key: string; damage: string };

/**
 * Checks the whole ledger, not only the part after the newest checkpoint: every commit must be
 * readable and follow the previous one, every checkpoint must match its commit.
 */
export async function checkLedger(
  store: Store,
): Promise<{ commits: Commit[]; faults: LedgerFault[] }> {
  const commits: Commit[] = [];
  const faults: LedgerFault[] = [];
  const digests = new Map<number, string>();
  let last = 0;
  for await (const { key } of store.list(COMMITS)) {
    const seq = seqOfKey(key);
    if (seq !== last + 1) faults.push({ key, damage: `commit ${last + 1} is missing before it` });
    const read = await orFault(key, faults, () => readCommit(store, key));
    if (read !== undefined) {
      const { commit, digest } = read;
      const before = digests.get(seq - 1) ?? null;
      if (commit.seq !== seq || (last + 1 === seq && before !== commit.previous))
        faults.push({ key, damage: 'it does not follow the commit before it' });
      commits.push(commit);
      digests.set(seq, digest);
    }
    last = seq;
  }
  for await (const { key } of store.list(CHECKPOINTS)) {
    const state = await orFault(key, faults, () => readCheckpoint(store, key));
    if (state !== undefined && state.commit !== digests.get(seqOfKey(key)))
      faults.push({ key, damage: 'it does not fit the commit that it was made from' });
  }
  return { commits, faults };
}

async function orFault<T>(
  key: string,
  faults: LedgerFault[],
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof LedgerDamaged)) throw error;
    faults.push({ key, damage: error.message });
    return undefined;
  }
}

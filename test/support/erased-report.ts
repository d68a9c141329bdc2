import { commitKey } from '../../src/lake/layout.ts';
import { readCommit, readLedger } from '../../src/lake/ledger/ledger.ts';
import { type RunReport, runReport } from '../../src/lake/run/report.ts';
import type { ErasableLake } from './erasable-lake.ts';

/** The rows of the newest commit, as `run --json` prints them. */
export async function reportOf({ deps: { store } }: ErasableLake): Promise<RunReport['rows']> {
  const { seq } = await readLedger(store);
  const { commit } = await readCommit(store, commitKey(seq));
  const facts = {
    runId: '',
    seq,
    seconds: {},
    plan: undefined,
    unchanged: 0,
    upsert: undefined,
    skipped: [],
  };
  return runReport({ ...facts, commit, customers: 0 }).rows;
}

import { rm } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import { type CustomerName, customerQuestion } from '../../lake/customer/facts.ts';
import { type Explanation, explanation } from '../../lake/customer/explain.ts';
import { oneCustomer } from '../../lake/customer/find.ts';
import { readLedger } from '../../lake/ledger/ledger.ts';
import { mustHaveFiles } from '../../lake/run/lost-files.ts';
import { temporaryFolder } from '../wiring/scratch.ts';
import { type Serving, servingRow } from './serving-row.ts';
import { openStore } from '../wiring/wiring.ts';

export type ExplainOptions = {
  config: Config;
  customer: CustomerName;
  /** Whether the serving table is asked too. */
  serving: boolean;
  signal: AbortSignal;
};

export type Explained = Explanation & { serving: Serving };

const MEMORY_LIMIT = '800MB';
const NOT_ASKED: Serving = { state: 'not_asked', why: '--no-serving was given' };

/** Everything behind one customer's row, as of the newest commit. Writes nothing into the lake. */
export async function explainLake(options: ExplainOptions): Promise<Explained> {
  const { config, customer, signal } = options;
  const store = await openStore(config);
  const state = await readLedger(store);
  await mustHaveFiles(store, state);
  const scratch = await temporaryFolder('explain');
  try {
    const { customerFacts } = await import('../../engines/duckdb/read/explain.ts');
    const facts = await customerFacts(
      { store, scratch, signal, onProgress: () => undefined },
      customerQuestion(state, customer),
      MEMORY_LIMIT,
    );
    const told = explanation(state, facts, oneCustomer(state, customer, facts));
    const serving = options.serving ? await servingRow(config, told) : NOT_ASKED;
    return { ...told, serving };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

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
  /** Query the serving table too. */
  serving: boolean;
  signal: AbortSignal;
};

export type Explained = Explanation & { serving: Serving };

const MEMORY_LIMIT = '800MB';
const NOT_ASKED: Serving = { state: 'not_asked', why: '--no-serving was given' };

/** Explains one customer's row at the newest commit. Writes nothing into the lake. */
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
    const explained = explanation(state, facts, oneCustomer(state, customer, facts));
    const serving = options.serving ? await servingRow(config, explained) : NOT_ASKED;
    return { ...explained, serving };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

import { rm } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import { commitKey, runKey } from '../../lake/layout.ts';
import { readCommit } from '../../lake/ledger/ledger.ts';
import type { Skipped, Store } from '../../lake/ports/store.ts';
import type { Engine, Renumber } from '../../lake/ports/engine.ts';
import type { QueryResult } from '../../lake/ports/warehouse.ts';
import { ageInDays } from '../../fx/rates.ts';
import { SERVING_LIST } from '../../medallion/serving-columns.ts';
import { ratesInUse } from '../../lake/run/rates.ts';
import { readLedger } from '../../lake/ledger/ledger.ts';
import { removeRemains } from '../../lake/run/lost-files.ts';
import type { ObjectRecord, RatesRecord } from '../../lake/ledger/records.ts';
import { runReport, type RunReport } from '../../lake/run/report.ts';
import { findDocument, removeRunDocuments } from '../../lake/run/run-documents.ts';
import { zonedDate } from '../../medallion/sql/zoned-date.ts';
import { runLocally } from '../../state-machine/local-host.ts';
import {
  initialRunState,
  type ProgressEvent,
  type RunState,
} from '../../state-machine/run-state.ts';
import { createSteps } from '../../state-machine/steps/index.ts';
import { holdLake } from '../wiring/lock.ts';
import { newRunId, wire, type Wiring } from '../wiring/wiring.ts';

export type RunOptions = {
  config: Config;
  command: string;
  signal: AbortSignal;
  now: () => Date;
  onEvent(event: ProgressEvent): void;
  top: number;
  /** Every object is read again, changed or not. */
  remakeAll?: boolean;
  /** Which customer keys get other integers. */
  renumberKeys?: Renumber | undefined;
  /** The lake as this run is to see it: whole unless given. */
  view?: (store: Store) => Store;
  /** DuckDB unless given; its opener closes it. */
  engine?: Engine | undefined;
};

export type RunOutcome = {
  report: RunReport;
  work: RunState['work'];
  /** Customers by total, as the serving table has them. */
  top: QueryResult | undefined;
  refused: ObjectRecord[];
  /** Objects of this run from which rows of erased people were removed. */
  erased: ObjectRecord[];
  ignored: string[];
  rates: RatesRecord & { ageDays: number };
};

/**
 * One run of the state machine over a lake, held by this process alone where it is a folder, and
 * the account of what it did.
 */
export async function runLake(options: RunOptions): Promise<RunOutcome> {
  const { config, now } = options;
  await using _lock = await holdLake(config, { command: options.command, now: now() });
  await using wiring = await wire(config, now, { command: options.command });
  // What a killed run left: nobody else is at work while the lock is held.
  await rm(wiring.deps.scratch, { recursive: true, force: true });
  const runId = newRunId(now());
  let skipped: Skipped[] = [];
  const { output, seconds } = await runLocally({
    steps: createSteps({
      ...wiring.deps,
      store: options.view?.(wiring.deps.store) ?? wiring.deps.store,
      engine: options.engine ?? wiring.deps.engine,
      remakeAll: options.remakeAll === true,
      ...(options.renumberKeys === undefined ? {} : { renumberKeys: options.renumberKeys }),
    }),
    input: initialRunState(runId, options.command),
    signal: options.signal,
    onEvent(event) {
      skipped = event.skipped ?? skipped;
      options.onEvent(event);
    },
    now: () => now().getTime(),
  });
  const outcome = await account(options, wiring, output, { seconds, skipped });
  await log(wiring.deps.store, runId, outcome.report, now());
  return outcome;
}

async function account(
  { config, now, top }: RunOptions,
  { deps, openedWarehouse }: Wiring,
  output: RunState,
  { seconds, skipped }: { seconds: Record<string, number>; skipped: Skipped[] },
): Promise<RunOutcome> {
  const { store } = deps;
  const ledger = await readLedger(store);
  const plan = await findDocument(store, output.run_id, 'plan');
  const upsert = await findDocument(store, output.run_id, 'upsert');
  const commit =
    output.work === 'lake' ? (await readCommit(store, commitKey(output.seq))).commit : undefined;
  const report = runReport({
    runId: output.run_id,
    seq: output.seq,
    seconds: rounded(seconds),
    plan,
    skipped,
    unchanged: ledger.objects.size,
    commit,
    upsert,
    customers: ledger.gold?.customers ?? 0,
  });
  const made =
    commit === undefined
      ? []
      : [...commit.objects.added, ...commit.objects.replaced, ...commit.objects.remade];
  await removeRemains(store, ledger, plan?.lost ?? []);
  const { record } = await ratesInUse(store, deps.rates);
  const today = zonedDate(config.timeZone, Math.floor(now().getTime() / 1000));
  return {
    report,
    work: output.work,
    top: top > 0 && ledger.seq > 0 ? await topCustomers(await openedWarehouse(), top) : undefined,
    refused: made.filter(({ refused }) => refused !== undefined),
    erased: made.filter(({ rows }) => (rows.erased ?? 0) > 0),
    ignored: plan?.ignored ?? [],
    rates: { ...record, ageDays: ageInDays(record.newest, today) },
  };
}

const topCustomers = async (
  warehouse: Awaited<ReturnType<Wiring['openedWarehouse']>>,
  top: number,
): Promise<QueryResult> =>
  warehouse.query(
    `select ${SERVING_LIST} from customer_purchase_summary order by total_spent_aud desc, customer_id limit ${top}`,
  );

const rounded = (seconds: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(seconds).map(([state, value]) => [state, Math.round(value * 1000) / 1000]),
  );

/** Leaves one line of what the run did in place of the documents that its states handed on. */
async function log(store: Store, runId: string, report: RunReport, finished: Date): Promise<void> {
  await store.put(
    runKey(runId, 'run'),
    Buffer.from(`${JSON.stringify({ finished_at: finished.toISOString(), ...report })}\n`),
  );
  await removeRunDocuments(store, runId);
}

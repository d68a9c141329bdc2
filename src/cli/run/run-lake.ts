import { rm } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import { commitKey, runKey } from '../../lake/layout.ts';
import { readCommit } from '../../lake/ledger/ledger.ts';
import type { Skipped, Store } from '../../lake/ports/store.ts';
import type { Engine, Renumber } from '../../lake/ports/engine.ts';
import type { QueryResult } from '../../lake/ports/warehouse.ts';
import { ageInDays } from '../../fx/rates.ts';
import { SERVING_LIST } from '../../medallion/gold/serving-columns.ts';
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
  /** Read every object again, changed or not. */
  remakeAll?: boolean;
  /** Customer keys that get new integers. */
  renumberKeys?: Renumber | undefined;
  /** The part of the lake that this run sees. Default: all of it. */
  view?: (store: Store) => Store;
  /** Default: DuckDB. The caller closes it. */
  engine?: Engine | undefined;
};

export type RunOutcome = {
  report: RunReport;
  work: RunState['work'];
  /** Top customers by total, from the serving table. */
  top: QueryResult | undefined;
  refused: ObjectRecord[];
  /** Objects from which this run removed rows of erased customers. */
  erased: ObjectRecord[];
  ignored: string[];
  rates: RatesRecord & { ageDays: number };
};

/**
 * Runs the state machine over a lake once and reports what it did. A lake in a folder is locked for
 * this process.
 */
export async function runLake(options: RunOptions): Promise<RunOutcome> {
  const { config, now } = options;
  await using _lock = await holdLake(config, { command: options.command, now: now() });
  await using wiring = await wire(config, now, { command: options.command });
  // Files of a killed run. The lock guarantees that no other run uses them.
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
  const outcome = await outcomeOf(options, wiring, output, { seconds, skipped });
  await log(wiring.deps.store, runId, outcome.report, now());
  return outcome;
}

async function outcomeOf(
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
  const written =
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
    refused: written.filter(({ refused }) => refused !== undefined),
    erased: written.filter(({ rows }) => (rows.erased ?? 0) > 0),
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

/** Replaces the documents that the run's states exchanged with one line about the run. */
async function log(store: Store, runId: string, report: RunReport, finished: Date): Promise<void> {
  await store.put(
    runKey(runId, 'run'),
    Buffer.from(`${JSON.stringify({ finished_at: finished.toISOString(), ...report })}\n`),
  );
  await removeRunDocuments(store, runId);
}

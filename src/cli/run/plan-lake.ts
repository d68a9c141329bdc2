import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { liveAfter, withPositions } from '../../lake/run/next-state.ts';
import type { Workspace } from '../../lake/ports/engine.ts';
import type { Skipped } from '../../lake/ports/store.ts';
import { reapplyErasures } from '../../lake/erase/reapply-erasures.ts';
import type { Rewrite } from '../../lake/rewrite/rewrite.ts';
import type { Change } from '../../lake/run/plan.ts';
import { scratchStore } from '../../lake/files/scratch-store.ts';
import { type Trial, tryRows } from '../../lake/run/try-rows.ts';
import { initialRunState } from '../../state-machine/run-state.ts';
import { atWork, type StepDeps } from '../../state-machine/steps/deps.ts';
import { findWork, type Found } from '../../state-machine/steps/plan.ts';
import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { skippedText } from './print-skipped.ts';
import { trialText } from './print-trial.ts';
import { temporaryFolder } from '../wiring/scratch.ts';
import { counted, grouped, printable, table } from '../terminal/table.ts';
import { wire } from '../wiring/wiring.ts';

/** What a run would do. `why` explains the change; `bytes` counts the objects to read. */
export type LakePlan = {
  seq: number;
  objects: { key: string; change: Change | 'removed'; why: string; bytes: number }[];
  unchanged: number;
  ignored: string[];
  /** Entries of bronze that cannot be read as objects, each with its cause and remedy. */
  skipped: Skipped[];
  bytes: number;
  /**
   * Files of silver, quarantine and gold that are missing or truncated; a run writes them again.
   */
  lost: { key: string; damage: string }[];
  rates: { newest: string; origin: string };
  /** Objects with rows of erased customers, which a run removes first. */
  erased: Rewrite[];
  /** The row counts before and after, if they were requested. */
  trial?: Trial;
};

const WHY: Record<Change, string> = {
  added: 'not in the ledger',
  replaced: 'content or last-modified time changed',
  remade: 'its source, its rules or the rates it looked up changed',
};

export type PlanOptions = {
  config: Config;
  /** Read the objects, to compare their rows before and after. */
  rows: boolean;
  signal: AbortSignal;
};

/**
 * Compares bronze, rules and rates with the ledger, as a run's first state does. Writes nothing
 * into the lake. Error: `CustomerIdsCollide`.
 */
export async function planLake({ config, rows, signal }: PlanOptions): Promise<LakePlan> {
  const scratch = await temporaryFolder('plan');
  await using wiring = await wire(config, () => new Date(), { scratch });
  const context = { signal, stateName: 'Plan' };
  const state = initialRunState('plan', 'purchases plan');
  const store = scratchStore(wiring.deps.store, join(scratch, 'as-it-would-be'));
  const deps = { ...wiring.deps, store };
  const found = await findWork(deps, state, context);
  await atWork(deps, state, context, (workspace) => mustNotCollide(deps, workspace, found));
  const erased = await atWork(deps, state, context, (workspace) =>
    reapplyErasures({ ...deps, workspace }, found),
  );
  const work = erased.length === 0 ? found : await findWork(deps, state, context);
  const plan = { ...planOf(work), erased };
  return rows ? { ...plan, trial: await trial(deps, work, signal) } : plan;
}

/**
 * Fails where a run would: the lake counts two people as one, and the plan neither replaces the row
 * nor reads its source by customer keys. Error: `CustomerIdsCollide`.
 */
async function mustNotCollide(
  { personSearch: finder }: StepDeps,
  workspace: Workspace,
  { ledger, changes }: Found,
): Promise<void> {
  const settled = changes.make.filter(
    ({ change, source }) => change === 'replaced' || source?.fields.customer_id === undefined,
  );
  const lake = { live: withPositions(liveAfter(ledger, [], [])), keys: ledger.keys };
  await finder?.mustNotCollide(workspace, lake, [
    ...changes.removed,
    ...settled.map(({ key }) => key),
  ]);
}

function trial(deps: StepDeps, found: Found, signal: AbortSignal): Promise<Trial> {
  const { engine, settings } = deps;
  const { changes, ledger: state, rates } = found;
  const context = { signal, stateName: 'Trial' };
  return atWork(deps, initialRunState('plan', 'purchases plan'), context, async (workspace) =>
    tryRows(engine, workspace, {
      objects: changes.make,
      rates: await rates.file(workspace.scratch),
      settings,
      state,
    }),
  );
}

function planOf({ ledger, changes, rates }: Found): Omit<LakePlan, 'erased'> {
  const damages = new Map(changes.lost.map(({ key, damage }) => [key, damage]));
  const lossOf = (key: string): string | undefined => {
    const { silver = null, quarantine = null } = ledger.objects.get(key) ?? {};
    const file = [silver, quarantine].find((one) => one !== null && damages.has(one)) ?? undefined;
    return file === undefined ? undefined : `its file ${file} ${damages.get(file)}`;
  };
  const toRead = changes.make.map(({ key, change, size }) => ({
    key,
    change,
    why: (change === 'remade' ? lossOf(key) : undefined) ?? WHY[change],
    bytes: size,
  }));
  const removed = changes.removed.map((key) => ({
    key,
    change: 'removed' as const,
    why: 'gone from bronze: its rows go too',
    bytes: 0,
  }));
  return {
    seq: ledger.seq,
    objects: [...toRead, ...removed],
    unchanged: changes.unchanged.length + changes.kept.length,
    ignored: changes.ignored,
    skipped: changes.skipped,
    bytes: toRead.reduce((sum, { bytes }) => sum + bytes, 0),
    lost: changes.lost,
    rates: { newest: rates.record.newest, origin: rates.record.origin },
  };
}

const SHOWN = 50;

const erasedText = ({ object, rows, lines }: Rewrite): string =>
  `A run would first remove rows of erased customers from ${printable(object)}: ${counted(rows, 'row')}${lines === 0 ? '' : `, and their values in ${counted(lines, 'line')}`}.`;

export function planText(io: Io, plan: LakePlan): string {
  const colours = coloursFor(io, io.stdout);
  const unchanged = `${counted(plan.unchanged, 'object')} unchanged since seq ${plan.seq}`;
  const skipped = skippedText(plan.skipped, colours);
  const lost = plan.lost
    .slice(0, SHOWN)
    .map(
      ({ key, damage }) => `${colours.yellow(printable(key))} ${damage}: a run writes it again.`,
    );
  if (plan.objects.length === 0 && lost.length > 0)
    return [
      ...lost,
      '',
      `Nothing to read: ${unchanged}.`,
      ...skipped,
      `${colours.bold('Next')}  purchases run`,
    ].join('\n');
  if (plan.objects.length === 0)
    return [
      `Nothing to read: ${unchanged}. A run would only check that the serving table is at seq ${plan.seq}.`,
      ...skipped,
    ].join('\n');
  const rows = plan.objects
    .slice(0, SHOWN)
    .map(({ key, change, why, bytes }) => [change, key, grouped(bytes), why]);
  const more =
    plan.objects.length > SHOWN
      ? [`… and ${grouped(plan.objects.length - SHOWN)} more (all with --json)`]
      : [];
  return [
    table(['change', 'object', 'bytes', 'why'], rows, ['left', 'left', 'right']),
    ...more,
    '',
    ...(lost.length === 0 ? [] : [...lost, '']),
    `${counted(plan.objects.length, 'object')}, ${grouped(plan.bytes)} bytes to read; ${unchanged}. Rates: ${plan.rates.origin}, to ${plan.rates.newest}.`,
    ...plan.erased.map(erasedText),
    ...skipped,
    ...(plan.trial === undefined ? [] : [trialText(plan.trial), '']),
    `${colours.bold('Next')}  ${plan.trial === undefined ? 'purchases plan --rows, or ' : ''}purchases run`,
  ].join('\n');
}

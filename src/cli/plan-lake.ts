import type { Config } from '../config/config.ts';
import type { Change } from '../lake/plan.ts';
import { initialRunState } from '../state-machine/run-state.ts';
import { findWork } from '../state-machine/steps/plan.ts';
import { coloursFor } from './colours.ts';
import type { Io } from './io.ts';
import { grouped, table } from './table.ts';
import { wire } from './wiring.ts';

/** What a run would do. `why` is the change, in words; bytes are of the objects to be read. */
export type LakePlan = {
  seq: number;
  objects: { key: string; change: Change | 'removed'; why: string; bytes: number }[];
  unchanged: number;
  ignored: string[];
  bytes: number;
  rates: { newest: string; origin: string };
};

const WHY: Record<Change, string> = {
  added: 'not in the ledger',
  replaced: 'content or last-modified time changed',
  remade: 'its source, its rules or the rates it looked up changed',
};

/** Compares bronze, rules and rates with the ledger, as a run's first state does. */
export async function planLake(config: Config): Promise<LakePlan> {
  await using wiring = await wire(config, () => new Date());
  const context = { signal: new AbortController().signal, stateName: 'Plan' };
  const { ledger, changes, rates } = await findWork(
    wiring.deps,
    initialRunState('plan', 'purchases plan'),
    context,
  );
  const made = changes.make.map(({ key, change, size }) => ({
    key,
    change,
    why: WHY[change],
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
    objects: [...made, ...removed],
    unchanged: changes.unchanged.length,
    ignored: changes.ignored,
    bytes: made.reduce((sum, { bytes }) => sum + bytes, 0),
    rates: { newest: rates.record.newest, origin: rates.record.origin },
  };
}

const SHOWN = 50;

export function planText(io: Io, plan: LakePlan): string {
  const colours = coloursFor(io, io.stdout);
  const unchanged = `${grouped(plan.unchanged)} objects unchanged since seq ${plan.seq}`;
  if (plan.objects.length === 0)
    return `Nothing to read: ${unchanged}. A run would only see to it that the serving table is at seq ${plan.seq}.`;
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
    `${grouped(plan.objects.length)} objects, ${grouped(plan.bytes)} bytes to read; ${unchanged}. Rates: ${plan.rates.origin}, to ${plan.rates.newest}.`,
    `${colours.bold('Next')}  purchases run`,
  ].join('\n');
}

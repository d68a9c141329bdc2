import type { Change, PlannedObject } from './plan.ts';
import type { Engine, RatesFile, Workspace } from '../ports/engine.ts';
import type { Store } from '../ports/store.ts';
import { sumCounts, reasonsOf } from './report.ts';
import type { Counts, LakeState, ObjectRecord } from '../ledger/records.ts';
import type { LakeSettings } from '../settings.ts';

/**
 * Rows of objects by whether they are rejected. `good` rows may be duplicates of each other, which
 * only a run determines.
 */
export type Tally = {
  read: number;
  good: number;
  quarantined: number;
  /** Rows of erased people, removed by an earlier run or by the next one. */
  erased: number;
  reasons: Counts;
  /** Objects that are quarantined as a whole. */
  refused: number;
};

/**
 * The rows of a plan's objects by the current rules (`after`) and as recorded in the ledger
 * (`before`, all zero for a new object).
 */
export type Trial = {
  before: Tally;
  after: Tally;
  objects: { key: string; change: Change; before: Tally; after: Tally; message: string | null }[];
};

export type TrialTask = {
  objects: PlannedObject[];
  rates: RatesFile;
  settings: LakeSettings;
  state: LakeState;
};

/**
 * Reads the planned objects with the current rules and rates, and compares the rejected rows with
 * the ledger. Nothing is written to the lake.
 */
export async function tryRows(
  engine: Engine,
  workspace: Workspace,
  task: TrialTask,
): Promise<Trial> {
  const { objects, rates, settings, state } = task;
  const { timeZone, limits } = settings;
  const dryWorkspace = { ...workspace, store: discardingWrites(workspace.store) };
  const result = await engine.bronzeToSilver(dryWorkspace, { objects, rates, timeZone, limits });
  const records = new Map(result.objects.map((record) => [record.key, record]));
  const trials = objects.map(({ key, change }) => {
    const record = records.get(key);
    return {
      key,
      change,
      before: tally(state.objects.get(key)),
      after: tally(record),
      message: record?.refused?.message ?? null,
    };
  });
  return {
    before: trials.map(({ before }) => before).reduce(sumTallies, tally(undefined)),
    after: trials.map(({ after }) => after).reduce(sumTallies, tally(undefined)),
    objects: trials,
  };
}

/** The store with every write discarded. */
const discardingWrites = (store: Store): Store => ({
  ...store,
  create: async () => true,
  put: async () => undefined,
  swap: async () => true,
  remove: async () => undefined,
});

function tally(record: ObjectRecord | undefined): Tally {
  const { read, quarantined, erased = 0 } = record?.rows ?? { read: 0, quarantined: 0 };
  return {
    read,
    good: read - quarantined - erased,
    quarantined,
    erased,
    reasons: record === undefined ? {} : reasonsOf(record),
    refused: record?.refused === undefined ? 0 : 1,
  };
}

const sumTallies = (a: Tally, b: Tally): Tally => ({
  read: a.read + b.read,
  good: a.good + b.good,
  quarantined: a.quarantined + b.quarantined,
  erased: a.erased + b.erased,
  reasons: sumCounts([a.reasons, b.reasons]),
  refused: a.refused + b.refused,
});

import type { Skipped } from '../lake/ports/store.ts';

/** The states that run a function of the pipeline; a state's Glue twin runs the same step. */
export type StepName =
  | 'Plan'
  | 'BronzeToSilver'
  | 'SilverToGold'
  | 'SilverToGoldTask'
  | 'Commit'
  | 'Publish'
  | 'GoldToRds'
  | 'GoldToRdsTask'
  | 'UpsertSync'
  | 'NotifyFailure';

/** The record of a Catch: the error's class name, and Lambda's report of it as JSON text. */
export type Failure = { Error: string; Cause?: string };

/**
 * Everything that passes from state to state. It stays small (a payload holds 262,144 bytes): rows,
 * file lists and results are in the store next to the manifest, where a Glue job and a Lambda both
 * find them. Every field that a Choice reads is set from the start, since a Choice on an absent
 * path fails the run.
 */
export type RunState = {
  run_id: string;
  /** What requested the run: an event, the sweep, a command. */
  reason: string;
  /** How often this run has planned; Plan adds one each time. */
  tries: number;
  /**
   * The result of Plan: no work, changed objects of the lake, or only a catalog or serving table
   * that lags.
   */
  work: 'none' | 'lake' | 'tables';
  engine: 'lambda' | 'glue';
  loader: 'lambda' | 'glue';
  /** Bytes to read from bronze and silver, by which `engine` was chosen. */
  bytes: number;
  /** The ledger head that the run builds on; after Commit, its own. 0 is an empty ledger. */
  seq: number;
  /** Key of the plan's manifest in the store; empty if there is none. */
  manifest: string;
  /** Why the run plans again: the conflict that it lost to. */
  again?: Failure;
  /** Why the run failed. */
  error?: Failure;
};

/** The progress of a step that can report it. */
export type Progress = {
  rows?: number;
  bytes?: number;
  message?: string;
  /** Names in bronze that Plan could not read as objects. */
  skipped?: Skipped[];
};

/** One event of a run. `at` is milliseconds since 1970; `state` is the name in the definition. */
export type ProgressEvent = Progress & {
  run_id: string;
  state: string;
  kind: 'entered' | 'progress' | 'exited' | 'retried' | 'failed';
  at?: number;
};

/** The context of a step: the signal fires at the state's timeout and when the run is stopped. */
export type StepContext = {
  signal: AbortSignal;
  stateName: string;
  emit?: (progress: Progress) => void;
};

/**
 * The work of one state: takes a run state and returns the next. It may be killed at any point and
 * run again.
 */
export type Step = (state: RunState, context: StepContext) => Promise<RunState>;

export type Steps = Record<StepName, Step>;

/** The input of an execution: an empty plan, which Plan replaces. */
export function initialRunState(runId: string, reason: string): RunState {
  return {
    run_id: runId,
    reason,
    tries: 0,
    work: 'none',
    engine: 'lambda',
    loader: 'lambda',
    bytes: 0,
    seq: 0,
    manifest: '',
  };
}

/**
 * Reads a run state from JSON. Throws a TypeError naming the fields that are absent or of another
 * type.
 */
export function asRunState(value: unknown, what: string): RunState {
  if (isRunState(value)) return value;
  const fields = faults(value).join(', ');
  throw new TypeError(
    `${what} is not a run state: ${fields} must be present, with the types of the initial state.`,
  );
}

function isRunState(value: unknown): value is RunState {
  return faults(value).length === 0;
}

function faults(value: unknown): string[] {
  const fields: object = Object(value);
  return Object.entries(initialRunState('', ''))
    .filter(([key, like]) => typeof Reflect.get(fields, key) !== typeof like)
    .map(([key]) => key);
}

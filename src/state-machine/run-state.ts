import type { Skipped } from '../lake/ports/store.ts';

/**
 * The states that run code of ours, each by one function; a state's Glue twin runs the same step.
 */
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

/** What a Catch records: the error's class name, and Lambda's account of it as JSON text. */
export type Failure = { Error: string; Cause?: string };

/**
 * All that passes from state to state. It stays small (a payload holds 262,144 bytes): rows, file
 * lists and results lie in the store beside the manifest, where a Glue job and a Lambda find them
 * alike. Every field that a Choice reads is set from the start, since a Choice on an absent path
 * fails the run.
 */
export type RunState = {
  run_id: string;
  /** What asked for the run: an event, the sweep, a command. */
  reason: string;
  /** How often this run has planned; Plan adds one each time. */
  tries: number;
  /**
   * What Plan found: nothing, objects of the lake, or only a catalog or serving table that lags.
   */
  work: 'none' | 'lake' | 'tables';
  engine: 'lambda' | 'glue';
  loader: 'lambda' | 'glue';
  /** Bytes to be read, bronze and silver: what `engine` was chosen by. */
  bytes: number;
  /** Head of the ledger that the run stands on, after Commit its own; 0 is an empty ledger. */
  seq: number;
  /** Key of the plan's manifest in the store; empty where there is none. */
  manifest: string;
  /** Why the run plans again: the conflict that it lost to. */
  again?: Failure;
  /** Why the run failed. */
  error?: Failure;
};

/** How far a step has come, where it can tell. */
export type Progress = {
  rows?: number;
  bytes?: number;
  message?: string;
  /** What Plan found in bronze that cannot be read as an object. */
  skipped?: Skipped[];
};

/**
 * One line of a run's story. `at` is milliseconds since 1970; `state` is the name in the
 * definition.
 */
export type ProgressEvent = Progress & {
  run_id: string;
  state: string;
  kind: 'entered' | 'progress' | 'exited' | 'retried' | 'failed';
  at?: number;
};

/**
 * What the host hands a step: the signal fires at the state's timeout and when the run is stopped.
 */
export type StepContext = {
  signal: AbortSignal;
  stateName: string;
  emit?: (progress: Progress) => void;
};

/**
 * One state's work: takes the run state, answers the next. It may be killed anywhere and run again.
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
 * Reads a run state that came as JSON. Throws a TypeError naming the fields that are absent or of
 * another type.
 */
export function asRunState(value: unknown, what: string): RunState {
  if (isRunState(value)) return value;
  const fields = faults(value).join(', ');
  throw new TypeError(
    `${what} is no run state: ${fields} must be there, of the first one's types.`,
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

import { expect } from 'vitest';
import { readDefinition } from './definition.ts';
import { runLocally, type LocalRunOptions } from './local-host.ts';
import {
  initialRunState,
  type ProgressEvent,
  type RunState,
  type Step,
  type Steps,
} from './run-state.ts';
import type { StateMachineDefinition } from './states-language.ts';

const same: Step = async (state) => state;

/**
 * Steps whose Plan sets `planned` and counts the tries; every other step passes the state on unless
 * `own` replaces it.
 */
export function stepsWith(planned: Partial<RunState>, own: Partial<Steps> = {}): Steps {
  const Plan: Step = async (state) => ({ ...state, tries: state.tries + 1, ...planned });
  const tasks = { SilverToGoldTask: same, GoldToRdsTask: same };
  const rest = { SilverToGold: same, Commit: same, Publish: same, GoldToRds: same, ...tasks };
  return { Plan, BronzeToSilver: same, ...rest, UpsertSync: same, NotifyFailure: same, ...own };
}

/** Throws `error()` the first `times` times, then passes the state on. */
export function failing(times: number, error: () => Error): Step {
  let left = times;
  return async (state) => {
    if (left-- > 0) throw error();
    return state;
  };
}

/** Records the states it is called with and passes them on. */
export function recording(): { step: Step; seen: RunState[] } {
  const seen: RunState[] = [];
  return {
    seen,
    step: async (state) => {
      seen.push(state);
      return state;
    },
  };
}

/** Starts a run of the product's definition; `story` names the states of the events of a kind. */
export function run(steps: Steps, options: Partial<LocalRunOptions> = {}) {
  const events: ProgressEvent[] = [];
  const outcome = runLocally({
    steps,
    input: initialRunState('run-1', 'test'),
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    now: () => Date.now(),
    retryMs: 1,
    graceMs: 2000,
    ...options,
  });
  const story = (kind: ProgressEvent['kind']) =>
    events.filter((event) => event.kind === kind).map((event) => event.state);
  return { outcome, events, story };
}

export async function rejection(outcome: Promise<unknown>): Promise<unknown> {
  return outcome.then(
    () => expect.unreachable('the run must fail'),
    (error: unknown) => error,
  );
}

/** The definition with some of one state's fields replaced. */
export function definitionWith(name: string, fields: object): StateMachineDefinition {
  const definition = readDefinition();
  Object.assign(Object(definition.States[name]), fields);
  return definition;
}

import { setTimeout as pause } from 'node:timers/promises';

import {
  filled,
  type Retrier,
  type State,
  type StateMachineDefinition,
  type TaskState,
  valueAt,
  withResult,
} from './states-language.ts';

export type MachineOptions = {
  /**
   * The function of each task, by the state's name; Retry and Catch match the name of the error it
   * throws.
   */
  tasks: Record<string, (input: unknown) => Promise<unknown>>;
  /** Ends the run at once: no further state is entered and no error is caught. */
  signal: AbortSignal;
  /** Milliseconds between the attempts of a task. */
  retryMs: number;
};

/**
 * Runs a state machine as Step Functions does: paths, retries by retrier, catchers, choices.
 * Rejects with an error named like the execution's, with `States.Timeout` after the definition's
 * TimeoutSeconds, or with the signal's reason.
 */
export async function runMachine(
  definition: StateMachineDefinition,
  input: unknown,
  options: MachineOptions,
): Promise<unknown> {
  const late = new AbortController();
  const seconds = definition.TimeoutSeconds;
  const timer =
    seconds === undefined
      ? undefined
      : setTimeout(() => {
          late.abort(failure('States.Timeout', `The run did not end within ${seconds} s.`));
        }, seconds * 1000);
  const signal = AbortSignal.any([options.signal, late.signal]);
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  ended.catch(() => undefined);
  try {
    signal.throwIfAborted();
    return await Promise.race([ended, states(definition, input, { ...options, signal })]);
  } finally {
    clearTimeout(timer);
  }
}

type Outcome = { next: string; value: unknown } | { output: unknown };

async function states(
  { StartAt, States }: StateMachineDefinition,
  input: unknown,
  options: MachineOptions,
): Promise<unknown> {
  let at: Outcome = { next: StartAt, value: input };
  while ('next' in at) {
    options.signal.throwIfAborted();
    const state = States[at.next];
    if (state === undefined) throw failure('States.Runtime', `There is no state ${at.next}.`);
    at = await enter(at.next, state, at.value, options);
  }
  return at.output;
}

async function enter(
  name: string,
  state: State,
  value: unknown,
  options: MachineOptions,
): Promise<Outcome> {
  switch (state.Type) {
    case 'Succeed':
      return { output: value };
    case 'Fail':
      throw failure(
        String(valueAt(state.ErrorPath, value)),
        String(valueAt(state.CausePath, value)),
      );
    case 'Choice':
      return { next: chosen(state, value), value };
    case 'Pass': {
      const result = valueAt(state.InputPath ?? '$', value);
      return { next: state.Next, value: output(state, value, result) };
    }
    case 'Task':
      return task(name, state, value, options);
  }
}

function chosen({ Choices, Default }: State & { Type: 'Choice' }, value: unknown): string {
  const fits = Choices.find(({ Variable, StringEquals, NumericLessThan }) => {
    const found = valueAt(Variable, value);
    if (StringEquals !== undefined) return found === StringEquals;
    return NumericLessThan !== undefined && typeof found === 'number' && found < NumericLessThan;
  });
  return fits?.Next ?? Default;
}

const output = (
  { ResultPath, OutputPath = '$' }: Pick<TaskState, 'ResultPath' | 'OutputPath'>,
  value: unknown,
  result: unknown,
): unknown => valueAt(OutputPath, withResult(value, ResultPath, result));

async function task(
  name: string,
  state: TaskState,
  value: unknown,
  options: MachineOptions,
): Promise<Outcome> {
  try {
    const result = await attempts(name, state, value, options);
    return { next: state.Next, value: output(state, value, result) };
  } catch (error) {
    options.signal.throwIfAborted();
    const { name: Error, message: Cause } = asError(error);
    const catcher = state.Catch?.find((one) => matches(one.ErrorEquals, Error));
    if (catcher === undefined) throw error;
    return { next: catcher.Next, value: withResult(value, catcher.ResultPath, { Error, Cause }) };
  }
}

/**
 * Calls the task until it succeeds or no retrier has an attempt left; each retrier counts its own.
 */
async function attempts(
  name: string,
  { Parameters, Retry = [] }: TaskState,
  value: unknown,
  { tasks, signal, retryMs }: MachineOptions,
): Promise<unknown> {
  const input = Parameters === undefined ? value : filled(Parameters, value);
  const counts = new Map<Retrier, number>();
  for (;;) {
    try {
      return await tasks[name]?.(input);
    } catch (error) {
      signal.throwIfAborted();
      const retrier = Retry.find(({ ErrorEquals }) => matches(ErrorEquals, asError(error).name));
      const count = retrier === undefined ? 0 : (counts.get(retrier) ?? 0);
      if (retrier === undefined || count >= (retrier.MaxAttempts ?? 3)) throw error;
      counts.set(retrier, count + 1);
      await pause(retryMs, undefined, { signal });
    }
  }
}

function matches(names: readonly string[], name: string): boolean {
  return (
    names.includes(name) ||
    names.includes('States.ALL') ||
    (names.includes('States.TaskFailed') && name !== 'States.Timeout')
  );
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

const failure = (name: string, cause: string): Error => Object.assign(new Error(cause), { name });

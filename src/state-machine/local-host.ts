import { PurchasesError, RunFailed } from '../errors.ts';
import { interruption } from './deadline.ts';
import { readDefinition, taskLimits } from './definition.ts';
import { createTasks } from './local-tasks.ts';
import { runMachine } from './interpreter.ts';
import { carry } from './payload.ts';
import { asRunState, type ProgressEvent, type RunState, type Steps } from './run-state.ts';
import type { StateMachineDefinition } from './states-language.ts';

export type LocalRunOptions = {
  steps: Steps;
  input: RunState;
  /** Stops the run; if its reason is a `PurchasesError`, the run rejects with it. */
  signal: AbortSignal;
  onEvent: (event: ProgressEvent) => void;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds between attempts, in place of the definition's seconds: 200 by default. */
  retryMs?: number;
  /** Milliseconds that a step may take to stop: 5,000 by default. */
  graceMs?: number;
  /** Another definition of the same steps, to test this host. */
  definition?: StateMachineDefinition;
};

/** `seconds` has a key for each state that ran, covering all its attempts, and `total`. */
export type LocalRun = { output: RunState; seconds: Record<string, number> };

/**
 * Runs the state machine in this process, as Step Functions would: the same definition, JSON
 * between the states, its limits on size and time, its retries and catches (without their long
 * waits). Rejects with the same `PurchasesError` that failed the run, with `Interrupted` if the
 * signal fired, or with `RunFailed` and any other error as its cause. No step is running by then.
 */
export async function runLocally(options: LocalRunOptions): Promise<LocalRun> {
  const asl = options.definition ?? readDefinition();
  const input = asRunState(carry(options.input, 'The input of the run'), 'The input of the run');
  if (options.signal.aborted) throw interruption(options.signal, ' before it began');

  const halt = new AbortController();
  const signal = AbortSignal.any([options.signal, halt.signal]);
  const limits = taskLimits(asl);
  const tasks = createTasks({ graceMs: 5000, ...options, input, signal, limits });
  const started = options.now();
  try {
    const machine = { tasks: tasks.handlers, signal, retryMs: options.retryMs ?? 200 };
    const output = asRunState(await runMachine(asl, input, machine), 'The output of the run');
    const total = (options.now() - started) / 1000;
    return { output, seconds: { ...tasks.track.seconds, total } };
  } catch (error) {
    if (options.signal.aborted) throw interruption(options.signal, ` in ${tasks.track.current}`);
    throw why(error, tasks.track.failure);
  } finally {
    // The machine's own time limit leaves its task running: the task is asked to stop, and waited
    // for.
    halt.abort();
    await tasks.idle();
  }
}

/** The error for the caller: the state machine itself carries only names and texts. */
function why(error: unknown, failure: { stateName: string; error: unknown } | undefined) {
  if (failure?.error instanceof PurchasesError) return failure.error;
  const cause = failure?.error ?? (error instanceof Error ? error.cause : undefined) ?? error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new RunFailed(`${failure?.stateName ?? 'The workflow'} failed: ${text}`, {
    cause,
    hint: 'Run it again: a run continues from the last whole commit. If it fails the same way, report this message.',
  });
}

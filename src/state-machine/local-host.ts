import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { PurchasesError, RunFailed } from '../errors.ts';
import { interruption } from './deadline.ts';
import { readDefinition, taskLimits } from './definition.ts';
import { createTasks } from './local-tasks.ts';
import { carry } from './payload.ts';
import { asRunState, type ProgressEvent, type RunState, type Steps } from './run-state.ts';

export type LocalRunOptions = {
  steps: Steps;
  input: RunState;
  /** Stops the run; a `PurchasesError` as its reason is what the run then rejects with. */
  signal: AbortSignal;
  onEvent: (event: ProgressEvent) => void;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds between attempts, in place of the definition's seconds: 200 unless given. */
  retryMs?: number;
  /** Milliseconds that a step which was told to stop is waited for: 5,000 unless given. */
  graceMs?: number;
  /** Another definition of the same steps, for a test of this host. */
  definition?: StateMachineDefinition;
};

/** `seconds` has a key for each state that ran, all its attempts together, and `total`. */
export type LocalRun = { output: RunState; seconds: Record<string, number> };

/**
 * Runs the state machine in this process, as Step Functions would: the same definition, JSON between
 * the states, its limits on size and time, its retries and catches (without their long waits).
 * Rejects with the very `PurchasesError` that failed the run, `Interrupted` where the signal fired, or
 * `RunFailed` with anything else as its cause; by then no step is at work.
 */
export async function runLocally(options: LocalRunOptions): Promise<LocalRun> {
  const asl = options.definition ?? readDefinition();
  const input = asRunState(carry(options.input, 'The input of the run'), 'The input of the run');
  const machine = await loadMachine(asl);
  if (options.signal.aborted) throw interruption(options.signal, ' before it began');

  const halt = new AbortController();
  const signal = AbortSignal.any([options.signal, halt.signal]);
  const limits = taskLimits(asl);
  const tasks = createTasks({ graceMs: 5000, ...options, input, signal, limits });
  const started = options.now();
  const execution = machine.run(input, runOptions(input, tasks.handlers, options.retryMs ?? 200));
  const stop = () => execution.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const output = asRunState(await execution.result, 'The output of the run');
    const total = (options.now() - started) / 1000;
    return { output, seconds: { ...tasks.track.seconds, total } };
  } catch (error) {
    if (options.signal.aborted) throw interruption(options.signal, ` in ${tasks.track.current}`);
    throw why(error, tasks.track.failure);
  } finally {
    options.signal.removeEventListener('abort', stop);
    // The machine's own time limit leaves its task at work: it is told to stop, and waited for.
    halt.abort();
    await tasks.idle();
  }
}

const require = createRequire(import.meta.url);

/**
 * The library validates for 65 to 250 ms on each start; a test validates the definition once instead. Its build for browsers is the same but for
 * a client of AWS Lambda, whose loading takes 0.1 s, and which no task of ours needs.
 */
async function loadMachine(asl: StateMachineDefinition) {
  // Node 20 lacks what the library's tasks are built on.
  if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers });
  const builds = dirname(require.resolve('aws-local-stepfunctions'));
  const build = pathToFileURL(join(builds, 'main.browser.esm.js')).href;
  const { StateMachine } = (await import(build)) as typeof import('aws-local-stepfunctions');
  return new StateMachine(asl, { validationOptions: { noValidate: true } });
}

function withResolvers() {
  const made = {};
  const promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return { promise, ...made };
}

function runOptions(
  input: RunState,
  handlers: ReturnType<typeof createTasks>['handlers'],
  ms: number,
) {
  const retries = Object.keys(handlers).map((name) => [name, ms] as const);
  return {
    overrides: {
      taskResourceLocalHandlers: handlers,
      retryIntervalOverrides: Object.fromEntries(retries),
    },
    context: {
      Execution: { Id: `local:${input.run_id}`, Name: input.run_id, RoleArn: 'local' },
      StateMachine: { Id: 'local:purchases', Name: 'purchases' },
    },
  };
}

/** The error for the caller: the state machine itself carries only names and texts. */
function why(error: unknown, failure: { stateName: string; error: unknown } | undefined) {
  if (failure?.error instanceof PurchasesError) return failure.error;
  const cause = failure?.error ?? (error instanceof Error ? error.cause : undefined) ?? error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new RunFailed(`${failure?.stateName ?? 'The workflow'} failed: ${text}`, {
    cause,
    hint: 'Run it again: a run goes on from the last whole commit. If it fails the same way, report this message.',
  });
}

import { settled, interruption, withDeadline } from './deadline.ts';
import { readCall, type TaskCall } from './definition.ts';
import { carry, glueError, invokeResult, lambdaError, TaskTimeout } from './payload.ts';
import { asRunState, type ProgressEvent, type RunState, type Steps } from './run-state.ts';

export type TaskHost = {
  steps: Steps;
  input: RunState;
  signal: AbortSignal;
  onEvent: (event: ProgressEvent) => void;
  now: () => number;
  /** Milliseconds of each task. */
  limits: Record<string, number>;
  /** Milliseconds that a step may take to stop. */
  graceMs: number;
};

/** The state of a run in progress. */
type Track = {
  /**
   * The output of the last step: a job receives only its arguments, but the step behind it needs
   * the whole state.
   */
  state: RunState;
  current: string;
  /** The state whose last attempt failed; its next attempt is a retry. */
  failedIn: string | undefined;
  /**
   * Why the run fails, if it does: the last failure without a later success, except NotifyFailure's
   * own.
   */
  failure: { stateName: string; error: unknown } | undefined;
  /** The running step, or one that was abandoned after a timeout. */
  running: Promise<unknown>;
  seconds: Record<string, number>;
};

/**
 * Stands in for Lambda and Glue: calls the steps with the definition's parameters, and returns
 * results in the services' own shapes.
 */
export function createTasks(host: TaskHost) {
  const track: Track = {
    state: host.input,
    current: '',
    failedIn: undefined,
    failure: undefined,
    running: Promise.resolve(),
    seconds: {},
  };
  const handlers = Object.keys(host.limits).map(
    (name) => [name, (input: unknown) => attempt(host, track, name, input)] as const,
  );
  return {
    handlers: Object.fromEntries(handlers),
    track,
    idle: () => settled(track.running, host.graceMs),
  };
}

async function attempt(host: TaskHost, track: Track, stateName: string, input: unknown) {
  if (host.signal.aborted) throw interruption(host.signal, ` before ${stateName}`);
  const started = host.now();
  report(host, stateName, { kind: track.failedIn === stateName ? 'retried' : 'entered' });
  track.current = stateName;
  let call: TaskCall | undefined;
  try {
    call = readCall(carry(input, `The input of ${stateName}`), host.steps, stateName);
    const result = await perform(host, track, stateName, call);
    track.failedIn = undefined;
    if (stateName !== 'NotifyFailure') track.failure = undefined;
    report(host, stateName, { kind: 'exited' });
    return result;
  } catch (error) {
    track.failedIn = stateName;
    if (stateName !== 'NotifyFailure') track.failure = { stateName, error };
    report(host, stateName, { kind: 'failed', message: describe(error) });
    const isTimeout = error instanceof TaskTimeout;
    if (call?.service === 'glue' && !isTimeout) throw glueError(error, call.jobName);
    throw lambdaError(error);
  } finally {
    const spent = (host.now() - started) / 1000;
    track.seconds[stateName] = (track.seconds[stateName] ?? 0) + spent;
  }
}

async function perform(host: TaskHost, track: Track, stateName: string, call: TaskCall) {
  const what = `The input of ${stateName}`;
  const input = call.service === 'lambda' ? call.payload : carry(track.state, what);
  const state = asRunState(input, what);
  const before = track.running;
  const work = async (signal: AbortSignal) => {
    // A step that was abandoned after a timeout ends first: only this host, not AWS, could run two
    // at once.
    await settled(before, host.graceMs);
    signal.throwIfAborted();
    return host.steps[call.step](state, {
      signal,
      stateName,
      emit: (progress) => {
        if (!signal.aborted) report(host, stateName, { kind: 'progress', ...progress });
      },
    });
  };
  const ms = host.limits[stateName] ?? 0;
  const output = await withDeadline((signal) => (track.running = work(signal)), {
    ms,
    signal: host.signal,
    stateName,
  });
  if (call.service === 'glue') return { JobName: call.jobName, JobRunState: 'SUCCEEDED' };
  const result = invokeResult(output, stateName);
  track.state = result.Payload;
  return result;
}

function report(
  host: TaskHost,
  state: string,
  what: Omit<ProgressEvent, 'run_id' | 'state' | 'at'>,
): void {
  host.onEvent({ run_id: host.input.run_id, state, ...what, at: host.now() });
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { expect, test } from 'vitest';
import * as errors from '../errors.ts';
import { readDefinition } from './definition.ts';
import { runLocally, type LocalRunOptions } from './local-host.ts';
import {
  initialRunState,
  type ProgressEvent,
  type RunState,
  type Step,
  type StepName,
  type Steps,
} from './run-state.ts';

const LAMBDA_PATH = 'Plan BronzeToSilver SilverToGold Commit Publish GoldToRds UpsertSync'.split(
  ' ',
);
const same: Step = async (state) => state;

/** Plans as `planned` says and counts the tries; every other step passes the state on, unless given. */
function stepsWith(planned: Partial<RunState>, own: Partial<Steps> = {}): Steps {
  const Plan: Step = async (state) => ({ ...state, tries: state.tries + 1, ...planned });
  const rest = { SilverToGold: same, Commit: same, Publish: same, GoldToRds: same };
  return { Plan, BronzeToSilver: same, ...rest, UpsertSync: same, NotifyFailure: same, ...own };
}

function run(steps: Steps, options: Partial<LocalRunOptions> = {}) {
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

async function rejection(outcome: Promise<unknown>): Promise<unknown> {
  return outcome.then(
    () => expect.unreachable('the run must fail'),
    (error: unknown) => error,
  );
}

function failing(times: number, error: () => Error): Step {
  let left = times;
  return async (state) => {
    if (left-- > 0) throw error();
    return state;
  };
}

const conflict = () =>
  new errors.LedgerConflict('Commit 7 is another run’s.', { hint: 'Plan again.' });

/** The definition with one state's time limit cut to `seconds`. */
function limited(name: string, seconds: number): StateMachineDefinition {
  const definition = readDefinition();
  Object.assign(definition.States[name]!, { TimeoutSeconds: seconds });
  return definition;
}

test('a run of new objects goes through every step in order, and its output is what the last step answered', async () => {
  const UpsertSync: Step = async (state) => ({ ...state, seq: 8 });
  const { outcome, story } = run(stepsWith({ work: 'lake' }, { UpsertSync }));
  const { output, seconds } = await outcome;
  expect(story('entered')).toEqual(LAMBDA_PATH);
  expect(story('exited')).toEqual(LAMBDA_PATH);
  expect(output).toEqual({ ...initialRunState('run-1', 'test'), work: 'lake', tries: 1, seq: 8 });
  expect(Object.keys(seconds)).toEqual([...LAMBDA_PATH, 'total']);
});

test('with nothing to do the run ends after Plan', async () => {
  const { outcome, story } = run(stepsWith({ work: 'none' }));
  await outcome;
  expect(story('entered')).toEqual(['Plan']);
});

test('a table that lags is caught up without any transform or commit', async () => {
  const { outcome, story } = run(stepsWith({ work: 'tables' }));
  await outcome;
  expect(story('entered')).toEqual(['Plan', 'Publish', 'GoldToRds', 'UpsertSync']);
});

test('large work takes the Glue states, whose step sees the whole state and whose answer stays in the store', async () => {
  const seen: RunState[] = [];
  const BronzeToSilver: Step = async (state) => {
    seen.push(state);
    return { ...state, bytes: -1 };
  };
  const planned = { work: 'lake', engine: 'glue', loader: 'glue', manifest: 'm.json' } as const;
  const { outcome, story } = run(
    stepsWith(planned, { BronzeToSilver, SilverToGold: BronzeToSilver }),
  );
  const { output } = await outcome;
  expect(story('entered')).toEqual(
    'Plan BronzeToSilverGlue SilverToGoldGlue Commit Publish GoldToRdsGlue UpsertSync'.split(' '),
  );
  expect(seen.map(({ manifest, bytes }) => [manifest, bytes])).toEqual(
    Array(2).fill(['m.json', 0]),
  );
  expect(output.bytes).toBe(0);
});

test('a job that fails reaches the state machine without its own name, and the caller with it', async () => {
  const told: RunState[] = [];
  const changed = new errors.BronzeChanged('a.csv changed while it was read.');
  const { outcome, story } = run(
    stepsWith(
      { work: 'lake', engine: 'glue' },
      {
        BronzeToSilver: failing(9, () => changed),
        NotifyFailure: async (state) => (told.push(state), state),
      },
    ),
  );
  expect(await rejection(outcome)).toBe(changed);
  expect(story('entered')).toEqual(['Plan', 'BronzeToSilverGlue', 'NotifyFailure']);
  expect(told[0]?.error?.Error).toBe('States.TaskFailed');
  expect(JSON.parse(told[0]?.error?.Cause ?? '')).toMatchObject({ JobRunState: 'FAILED' });
});

test('a remote failure is retried and the run succeeds', async () => {
  const Publish = failing(2, () => new errors.RemoteFailed('No answer.'));
  const { outcome, story } = run(stepsWith({ work: 'lake' }, { Publish }));
  await outcome;
  expect(story('failed')).toEqual(['Publish', 'Publish']);
  expect(story('retried')).toEqual(['Publish', 'Publish']);
  expect(story('entered')).toEqual(LAMBDA_PATH);
});

test.each<[StepName, () => Error]>([
  ['Commit', conflict],
  ['Commit', () => new errors.BronzeChanged('a.csv changed.')],
  ['BronzeToSilver', () => new errors.BronzeChanged('a.csv changed.')],
  ['UpsertSync', () => new errors.LoadStale('The table is at 6.')],
  ['UpsertSync', () => new errors.LoadIncomplete('3 of 4 rows.')],
])('%s that loses to another writer plans again and keeps the reason (%s)', async (name, error) => {
  const { outcome, story } = run(stepsWith({ work: 'lake' }, { [name]: failing(2, error) }));
  const { output } = await outcome;
  expect(output.tries).toBe(3);
  expect(output.again?.Error).toBe(error().name);
  expect(JSON.parse(output.again?.Cause ?? '')).toMatchObject({
    errorType: error().name,
    errorMessage: error().message,
    trace: expect.any(Array),
  });
  expect(story('failed')).toEqual([name, name]);
  expect(story('retried')).toEqual([]);
  expect(story('entered').filter((state) => state === 'Plan')).toHaveLength(3);
});

test('a conflict that never ends is given up after ten plans, told, and handed to the caller', async () => {
  const told: RunState[] = [];
  const NotifyFailure: Step = async (state) => (told.push(state), state);
  const Commit = failing(Infinity, conflict);
  const { outcome, story } = run(stepsWith({ work: 'lake' }, { Commit, NotifyFailure }));
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.LedgerConflict);
  expect(error).toMatchObject({ message: conflict().message, hint: 'Plan again.' });
  expect(story('entered').filter((state) => state === 'Plan')).toHaveLength(10);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ tries: 10, error: { Error: 'LedgerConflict' } });
});

test.each(LAMBDA_PATH)('%s that fails is told and the caller gets its very error', async (name) => {
  const error = new errors.ConservationViolated(`Rows are missing in ${name}.`, {
    hint: 'Report it.',
  });
  const told: unknown[] = [];
  const NotifyFailure: Step = async (state) => (told.push(state.error?.Error), state);
  const own = { [name]: failing(1, () => error), NotifyFailure };
  const { outcome, story } = run(stepsWith({ work: 'lake' }, own));
  expect(await rejection(outcome)).toBe(error);
  expect(told).toEqual(['ConservationViolated']);
  expect(story('entered')).toEqual([
    ...LAMBDA_PATH.slice(0, LAMBDA_PATH.indexOf(name) + 1),
    'NotifyFailure',
  ]);
});

test('a failure that cannot be told is still the failure of the run', async () => {
  const error = new errors.TotalOutOfRange('Customer 7.');
  const own = {
    SilverToGold: failing(1, () => error),
    NotifyFailure: failing(9, () => new Error('no network')),
  };
  const { outcome } = run(stepsWith({ work: 'lake' }, own));
  expect(await rejection(outcome)).toBe(error);
});

test('a broken invariant comes out as RunFailed with the thrown error as its cause', async () => {
  const cause = new TypeError('undefined is not a function');
  const { outcome } = run(stepsWith({ work: 'lake' }, { Commit: failing(1, () => cause) }));
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.RunFailed);
  expect(error).toMatchObject({ cause, message: 'Commit failed: undefined is not a function' });
});

test('a step past its time limit is told to stop, ends before its retry begins, and then fails the run', async () => {
  const log: string[] = [];
  const SilverToGold: Step = async (_state, { signal }) => {
    log.push('begin');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 15));
    log.push('end');
    throw new Error('stopped half-way');
  };
  const { outcome } = run(stepsWith({ work: 'lake' }, { SilverToGold }), {
    definition: limited('SilverToGold', 0.1),
  });
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.RunFailed);
  expect(error).toMatchObject({
    message: 'SilverToGold failed: SilverToGold did not end within 0.1 s.',
  });
  expect(log).toEqual(['begin', 'end', 'begin', 'end']);
});

test('the limit of the whole run stops the step at work and fails the run', async () => {
  let stopped = false;
  const Commit: Step = async (state, { signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    stopped = true;
    return state;
  };
  const definition = { ...readDefinition(), TimeoutSeconds: 0.1 };
  const { outcome } = run(stepsWith({ work: 'lake' }, { Commit }), { definition });
  expect(await rejection(outcome)).toBeInstanceOf(errors.RunFailed);
  expect(stopped).toBe(true);
});

test('the user stops the run: the step ends first, nothing follows, nobody is alarmed', async () => {
  const user = new AbortController();
  const log: string[] = [];
  const BronzeToSilver: Step = async (_state, { signal }) => {
    setTimeout(() => user.abort(), 10);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 15));
    log.push('cleaned up');
    throw new Error('stopped half-way');
  };
  const { outcome, story } = run(stepsWith({ work: 'lake' }, { BronzeToSilver }), {
    signal: user.signal,
  });
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.Interrupted);
  expect(log).toEqual(['cleaned up']);
  expect(story('entered')).toEqual(['Plan', 'BronzeToSilver']);
});

test('the user stops the run between two attempts: no further attempt is made', async () => {
  const user = new AbortController();
  const Publish = failing(9, () => new errors.RemoteFailed('No answer.'));
  const { outcome, events } = run(stepsWith({ work: 'tables' }, { Publish }), {
    signal: user.signal,
    retryMs: 60_000,
  });
  setTimeout(() => user.abort(), 50);
  expect(await rejection(outcome)).toBeInstanceOf(errors.Interrupted);
  const last = events.at(-1);
  expect(last).toMatchObject({ state: 'Publish', kind: 'failed' });
});

test('a run that was stopped before it began does nothing, and its reason is kept', async () => {
  const reason = new errors.Interrupted('Closing.');
  const { outcome, events } = run(stepsWith({ work: 'lake' }), {
    signal: AbortSignal.abort(reason),
  });
  expect(await rejection(outcome)).toBe(reason);
  expect(events).toEqual([]);
});

test('a payload of 262,144 bytes passes and one byte more is refused, envelope and all', async () => {
  const step =
    (length: number): Step =>
    async (state) => ({ ...state, manifest: 'é'.repeat(length) });
  const fits = run(stepsWith({}, { Plan: step(130_900) }));
  expect((await fits.outcome).output.manifest).toHaveLength(130_900);
  const { outcome } = run(stepsWith({}, { Plan: step(131_000) }));
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.PayloadTooLarge);
  expect(String(error)).toMatch(/output of Plan is 262\d\d\d bytes/);
});

test('an input that is too large is refused before anything runs', async () => {
  const input = initialRunState('run-1', 'x'.repeat(262_144));
  const { outcome, events } = run(stepsWith({}), { input });
  expect(await rejection(outcome)).toBeInstanceOf(errors.PayloadTooLarge);
  expect(events).toEqual([]);
});

test('dates and undefined arrive as JSON has them, and a step never shares an object with the next', async () => {
  const answers: unknown[] = [];
  const mine = { ...initialRunState('run-1', 'test'), work: 'tables' as const };
  const Plan: Step = async () =>
    Object.assign(mine, { when: new Date(0), nothing: undefined, list: [undefined] });
  const Publish: Step = async (state) => (answers.push(state), state);
  await run(stepsWith({}, { Plan, Publish })).outcome;
  const expected = { ...initialRunState('run-1', 'test'), work: 'tables', list: [null] };
  expect(answers).toStrictEqual([{ ...expected, when: '1970-01-01T00:00:00.000Z' }]);
  expect(answers[0]).not.toBe(mine);
});

test.each([
  ['a bigint', { ...initialRunState('run-1', 'test'), bytes: 1n }, /BigInt/],
  ['nothing', undefined, /no run state: run_id, .*manifest/],
  ['a text', 'done', /no run state/],
  [
    'a state without what a Choice reads',
    { ...initialRunState('r', 't'), work: undefined },
    /: work must/,
  ],
])('an answer that is %s is refused, naming the state', async (_what, answer, message) => {
  const Plan = (async () => answer) as unknown as Step;
  const { outcome } = run(stepsWith({}, { Plan }));
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.RunFailed);
  expect(String(error)).toMatch(message);
  expect(String(error)).toContain('Plan failed');
});

test('progress of a step is told with its state, in order, on the clock that was passed in', async () => {
  let tick = 0;
  const Publish: Step = async (state, { emit, stateName }) => {
    emit?.({ rows: 5, message: stateName });
    return state;
  };
  const { outcome, events } = run(stepsWith({ work: 'tables' }, { Publish }), {
    now: () => (tick += 1000),
  });
  const { seconds } = await outcome;
  const told = events.filter(({ state }) => state === 'Publish');
  expect(told.map(({ kind }) => kind)).toEqual(['entered', 'progress', 'exited']);
  expect(told[1]).toMatchObject({ run_id: 'run-1', rows: 5, message: 'Publish' });
  const times = events.map(({ at }) => at ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(seconds['Publish']).toBe(4);
});

test('a definition that names no step of ours fails as a fault of the program', async () => {
  const definition = readDefinition();
  Object.assign(definition.States['Publish']!, {
    Parameters: { FunctionName: '${OtherFunctionArn}', 'Payload.$': '$' },
  });
  const error = await rejection(run(stepsWith({ work: 'tables' }), { definition }).outcome);
  expect(String(error)).toContain('which is no step of this pipeline');
});

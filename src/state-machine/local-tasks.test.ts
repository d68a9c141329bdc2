import { expect, test } from 'vitest';
import * as errors from '../errors.ts';
import {
  definitionWith,
  failing,
  recording,
  rejection,
  run,
  stepsWith,
} from './local-run.fixture.ts';
import { readDefinition } from './definition.ts';
import { initialRunState, type Step } from './run-state.ts';

const reporting: Step = async (state, { emit, stateName }) => {
  emit?.({ rows: 5, message: stateName });
  return state;
};

const hangingUp: Step = (_state, { signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new errors.RemoteFailed('hung up')));
  });

const ignoringStop: Step = async (state, { emit }) => {
  await new Promise((resolve) => setTimeout(resolve, 400));
  emit?.({ message: 'too late' });
  return state;
};

test('a step past its time limit is asked to stop, ends before its retry begins, and then fails the run', async () => {
  const log: string[] = [];
  const SilverToGold: Step = async (_state, { signal }) => {
    log.push('begin');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 15));
    log.push('end');
    throw new Error('stopped half-way');
  };
  const { outcome } = run(stepsWith({ work: 'lake' }, { SilverToGold }), {
    definition: definitionWith('SilverToGold', { TimeoutSeconds: 0.1 }),
  });
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.RunFailed);
  expect(error).toMatchObject({
    message: 'SilverToGold failed: SilverToGold did not end within 0.1 s.',
  });
  expect(log).toEqual(['begin', 'end', 'begin', 'end']);
});

test('the error that a stopped step throws is not the reason why the run failed', async () => {
  const user = new AbortController();
  const definition = definitionWith('Publish', { TimeoutSeconds: 0.05 });
  const late = run(stepsWith({ work: 'tables' }, { Publish: hangingUp }), { definition });
  expect(String(await rejection(late.outcome))).toContain('Publish did not end within 0.05 s.');
  expect(late.story('retried')).toEqual(['Publish']);
  const stopped = run(stepsWith({ work: 'tables' }, { Publish: hangingUp }), {
    signal: user.signal,
  });
  setTimeout(() => user.abort(), 20);
  expect(await rejection(stopped.outcome)).toBeInstanceOf(errors.Interrupted);
});

test('a job past its time limit is a timeout to the state machine, not a failed job', async () => {
  const { seen, step: NotifyFailure } = recording();
  const planned = { work: 'tables', loader: 'glue' } as const;
  const { outcome } = run(stepsWith(planned, { GoldToRds: hangingUp, NotifyFailure }), {
    definition: definitionWith('GoldToRdsGlue', { TimeoutSeconds: 0.05 }),
  });
  expect(String(await rejection(outcome))).toContain('did not end within 0.05 s.');
  expect(seen[0]?.error?.Error).toBe('States.Timeout');
});

test('a run stopped by a listener goes no further than that event', async () => {
  const user = new AbortController();
  const { seen, step: Publish } = recording();
  const { outcome } = run(stepsWith({ work: 'tables' }, { Publish }), {
    signal: user.signal,
    onEvent: ({ state }) => state === 'Publish' && user.abort(),
  });
  expect(await rejection(outcome)).toBeInstanceOf(errors.Interrupted);
  expect(seen).toEqual([]);
});

test('a step that ignores its time limit is abandoned after the grace period, and its later progress is ignored', async () => {
  const { outcome, events } = run(stepsWith({ work: 'tables' }, { Publish: ignoringStop }), {
    definition: definitionWith('Publish', { TimeoutSeconds: 0.02, Retry: [] }),
    graceMs: 20,
  });
  expect(await rejection(outcome)).toBeInstanceOf(errors.RunFailed);
  await new Promise((resolve) => setTimeout(resolve, 450));
  expect(events.map(({ kind }) => kind)).not.toContain('progress');
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

test('the user stops the run: the step ends first, nothing follows, no alarm is raised', async () => {
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

test('a run that was stopped before it began does nothing, and keeps its reason', async () => {
  const reason = new errors.Interrupted('Closing.');
  const { outcome, events } = run(stepsWith({ work: 'lake' }), {
    signal: AbortSignal.abort(reason),
  });
  expect(await rejection(outcome)).toBe(reason);
  expect(events).toEqual([]);
});

test('an output over 262,144 bytes fails the state that returned it', async () => {
  const { outcome } = run(stepsWith({ manifest: 'é'.repeat(131_000) }));
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

test('dates and undefined arrive as in JSON, and a step never shares an object with the next', async () => {
  const { seen, step: Publish } = recording();
  const sent = { ...initialRunState('run-1', 'test'), work: 'tables' as const };
  const Plan: Step = async () =>
    Object.assign(sent, { when: new Date(0), nothing: undefined, list: [undefined] });
  await run(stepsWith({}, { Plan, Publish })).outcome;
  const expected = { ...initialRunState('run-1', 'test'), work: 'tables', list: [null] };
  expect(seen).toStrictEqual([{ ...expected, when: '1970-01-01T00:00:00.000Z' }]);
  expect(seen[0]).not.toBe(sent);
});

test.each([
  ['a bigint', { ...initialRunState('run-1', 'test'), bytes: 1n }, /BigInt/],
  ['nothing', undefined, /not a run state: run_id, .*manifest/],
  ['a text', 'done', /not a run state/],
  [
    'a state without a field that a Choice reads',
    { ...initialRunState('r', 't'), work: undefined },
    /: work must/,
  ],
])('an output that is %s is refused, naming the state', async (_what, output, message) => {
  const Plan = (async () => output) as unknown as Step;
  const { outcome } = run(stepsWith({}, { Plan }));
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.RunFailed);
  expect(String(error)).toMatch(message);
  expect(String(error)).toContain('Plan failed');
});

test('progress of a step is reported with its state, in order, on the given clock', async () => {
  let tick = 0;
  const { outcome, events } = run(stepsWith({ work: 'tables' }, { Publish: reporting }), {
    now: () => (tick += 1000),
  });
  const { seconds } = await outcome;
  const published = events.filter(({ state }) => state === 'Publish');
  expect(published.map(({ kind }) => kind)).toEqual(['entered', 'progress', 'exited']);
  expect(published[1]).toMatchObject({ run_id: 'run-1', rows: 5, message: 'Publish' });
  const times = events.map(({ at }) => at ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(seconds['Publish']).toBe(4);
});

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
import { initialRunState, type Step, type StepName } from './run-state.ts';

const LAMBDA_PATH = 'Plan BronzeToSilver SilverToGold Commit Publish GoldToRds UpsertSync'.split(
  ' ',
);
const GLUE_PATH =
  'Plan BronzeToSilverGlue SilverToGoldTask SilverToGoldGlue Commit Publish GoldToRdsTask GoldToRdsGlue UpsertSync'.split(
    ' ',
  );

const conflict = () =>
  new errors.LedgerConflict('Commit 7 is another run’s.', { hint: 'Plan again.' });
const upsertTo8: Step = async (state) => ({ ...state, seq: 8 });

test('a run of new objects goes through every step in order, and its output is that of the last step', async () => {
  const { outcome, story } = run(stepsWith({ work: 'lake' }, { UpsertSync: upsertTo8 }));
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

test('large work takes the Glue states: the step receives the whole state, and its result stays in the store', async () => {
  const { seen, step } = recording();
  const losing: Step = async (state, context) => ({ ...(await step(state, context)), bytes: -1 });
  const planned = { work: 'lake', engine: 'glue', loader: 'glue', manifest: 'm.json' } as const;
  const { outcome, story } = run(stepsWith(planned, { BronzeToSilver: losing, GoldToRds: losing }));
  const { output } = await outcome;
  expect(story('entered')).toEqual(GLUE_PATH);
  expect(seen.map(({ manifest, bytes }) => `${manifest} ${bytes}`)).toEqual([
    'm.json 0',
    'm.json 0',
  ]);
  expect(output.bytes).toBe(0);
});

test('a job that fails reaches the state machine without its own name, and the caller with it', async () => {
  const { seen: notified, step: NotifyFailure } = recording();
  const changed = new errors.BronzeChanged('a.csv changed while it was read.');
  const BronzeToSilver = failing(9, () => changed);
  const planned = { work: 'lake', engine: 'glue' } as const;
  const { outcome, story } = run(stepsWith(planned, { BronzeToSilver, NotifyFailure }));
  expect(await rejection(outcome)).toBe(changed);
  expect(story('entered')).toEqual(['Plan', 'BronzeToSilverGlue', 'NotifyFailure']);
  expect(notified[0]?.error?.Error).toBe('States.TaskFailed');
  expect(JSON.parse(notified[0]?.error?.Cause ?? '')).toMatchObject({ JobRunState: 'FAILED' });
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

test('an endless conflict is given up after ten plans, reported, and passed to the caller', async () => {
  const { seen: notified, step: NotifyFailure } = recording();
  const Commit = failing(Infinity, conflict);
  const { outcome, story } = run(stepsWith({ work: 'lake' }, { Commit, NotifyFailure }));
  const error = await rejection(outcome);
  expect(error).toBeInstanceOf(errors.LedgerConflict);
  expect(error).toMatchObject({ message: conflict().message, hint: 'Plan again.' });
  expect(story('entered').filter((state) => state === 'Plan')).toHaveLength(10);
  expect(notified).toHaveLength(1);
  expect(notified[0]).toMatchObject({ tries: 10, error: { Error: 'LedgerConflict' } });
});

test.each(LAMBDA_PATH)(
  '%s that fails is reported and the caller gets the same error',
  async (name) => {
    const error = new errors.ConservationViolated(`Rows are missing in ${name}.`, {
      hint: 'Report it.',
    });
    const { seen: notified, step: NotifyFailure } = recording();
    const own = { [name]: failing(1, () => error), NotifyFailure };
    const { outcome, story } = run(stepsWith({ work: 'lake' }, own));
    expect(await rejection(outcome)).toBe(error);
    expect(notified.map((state) => state.error?.Error)).toEqual(['ConservationViolated']);
    expect(story('entered')).toEqual([
      ...LAMBDA_PATH.slice(0, LAMBDA_PATH.indexOf(name) + 1),
      'NotifyFailure',
    ]);
  },
);

test('a failure that cannot be reported still fails the run with its own error', async () => {
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

test('a definition that names an unknown step fails as a fault of the program', async () => {
  const Parameters = { FunctionName: '${OtherFunctionArn}', 'Payload.$': '$' };
  const definition = definitionWith('Publish', { Parameters });
  const error = await rejection(run(stepsWith({ work: 'tables' }), { definition }).outcome);
  expect(String(error)).toContain('which is not a step of this pipeline');
});

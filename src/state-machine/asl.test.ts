import validate from 'asl-validator';
import { expect, test } from 'vitest';
import * as errors from '../errors.ts';
import { readDefinition } from './definition.ts';
import { initialRunState } from './run-state.ts';

type Rule = { ErrorEquals: string[]; Next?: string; ResultPath?: string };
type Choice = { Variable: string; Next: string };
type State = {
  Type: string;
  Resource?: string;
  Parameters?: Record<string, unknown>;
  OutputPath?: string;
  ResultPath?: string | null;
  TimeoutSeconds?: number;
  Retry?: Rule[];
  Catch?: Rule[];
  Choices?: Choice[];
  Default?: string;
};

const text = JSON.stringify(readDefinition());
const { States }: { States: Record<string, State> } = JSON.parse(text);
const all = Object.entries(States);
const ofType = (type: string) => all.filter(([, state]) => state.Type === type);
const tasks = ofType('Task');
const choices = ofType('Choice');

// The names that the services themselves report. No class of the product may have one of them.
const KNOWN = `
  States.ALL States.Timeout States.TaskFailed
  Lambda.ServiceException Lambda.AWSLambdaException
  Lambda.SdkClientException Lambda.TooManyRequestsException
  Sandbox.Timedout Runtime.ExitError
  Glue.ConcurrentRunsExceededException Glue.AWSGlueException
  Glue.InternalServiceException Glue.OperationTimeoutException Glue.SdkClientException
`.match(/\S+/g);
const RETRY_KEYS =
  'BackoffRate ErrorEquals IntervalSeconds JitterStrategy MaxAttempts MaxDelaySeconds'.split(' ');
const CATCH_KEYS = 'ErrorEquals Next ResultPath'.split(' ');

function names(rules: Rule[] | undefined): string[] {
  return (rules ?? []).flatMap((rule) => rule.ErrorEquals);
}

test('the definition is valid Amazon States Language, with no dangling and no unreachable state', () => {
  expect(validate(JSON.parse(text)).errorsText()).toBe('');
});

test.each([
  ['a dangling state', text.replace('"Next":"Publish"', '"Next":"Publishh"')],
  ['a field that does not exist', text.replace('"TimeoutSeconds":300', '"TimeoutSecond":300')],
])('the validator finds %s', (_what, broken) => {
  expect(broken).not.toBe(text);
  expect(validate(JSON.parse(broken)).isValid).toBe(false);
});

test('every step of a run is a state, with a Glue twin for those that large work needs, whose task a function writes', () => {
  const lambda =
    'Plan BronzeToSilver SilverToGold Commit Publish GoldToRds UpsertSync NotifyFailure';
  const glue = 'BronzeToSilverGlue SilverToGoldTask SilverToGoldGlue GoldToRdsTask GoldToRdsGlue';
  const expected = `${lambda} ${glue}`.split(' ');
  expect(tasks.map(([name]) => name).toSorted()).toEqual(expected.toSorted());
  expect(States['Failed']?.Type).toBe('Fail');
  expect(States['Done']?.Type).toBe('Succeed');
});

test.each(tasks.filter(([name]) => !name.endsWith('Glue')))(
  '%s calls the function of its own name and passes its result on',
  (name, state) => {
    expect(state.Resource).toBe('arn:aws:states:::lambda:invoke');
    const FunctionName = `\${${name}FunctionArn}`;
    expect(state.Parameters).toEqual({ FunctionName, 'Payload.$': '$' });
    expect(state.OutputPath).toBe(name === 'NotifyFailure' ? undefined : '$.Payload');
  },
);

test.each(tasks.filter(([name]) => name.endsWith('Glue')))(
  '%s runs the job of its twin to the end and keeps the state',
  (name, state) => {
    expect(state.Resource).toBe('arn:aws:states:::glue:startJobRun.sync');
    expect(state.Parameters).toMatchObject({
      JobName: `\${${name.replace(/Glue$/, '')}JobName}`,
      Arguments: { '--run_id.$': '$.run_id', '--manifest.$': '$.manifest' },
    });
    expect(state.ResultPath).toBeNull();
  },
);

test.each(tasks)('%s has a time limit, retries with full jitter and a catch', (_name, state) => {
  expect(state.TimeoutSeconds).toBeGreaterThan(0);
  expect(state.Retry?.length).toBeGreaterThan(0);
  for (const rule of state.Retry ?? []) {
    expect(Object.keys(rule).toSorted()).toEqual(RETRY_KEYS);
    expect(rule).toMatchObject({ JitterStrategy: 'FULL' });
  }
  for (const rule of state.Catch ?? []) {
    expect(Object.keys(rule).toSorted()).toEqual(CATCH_KEYS);
    expect(rule.ResultPath).toMatch(/^\$\.(again|error|notify_error)$/);
  }
});

test.each(tasks)('%s retries and catches only errors that exist', (_name, state) => {
  for (const name of [...names(state.Retry), ...names(state.Catch)]) {
    expect([...Object.keys(errors), ...(KNOWN ?? [])]).toContain(name);
  }
  expect(names(state.Retry)).toHaveLength(new Set(names(state.Retry)).size);
});

test.each(tasks)('%s catches every other error last and alone, and reports it', (name, state) => {
  expect(names(state.Retry)).not.toContain('States.ALL');
  const last = state.Catch?.at(-1);
  expect(last?.ErrorEquals).toEqual(['States.ALL']);
  expect(names(state.Catch?.slice(0, -1))).not.toContain('States.ALL');
  const reported = { Next: 'NotifyFailure', ResultPath: '$.error' };
  const unreported = { Next: 'Failed', ResultPath: '$.notify_error' };
  expect(last).toMatchObject(name === 'NotifyFailure' ? unreported : reported);
});

test('a lost race plans again: a conflict, a changed object, a load that is stale or lacks rows', () => {
  const back = tasks.flatMap(([name, state]) =>
    (state.Catch ?? [])
      .filter((rule) => rule.Next === 'PlanAgain')
      .map((rule) => [name, ...rule.ErrorEquals]),
  );
  expect(back).toEqual([
    ['BronzeToSilver', 'BronzeChanged'],
    ['SilverToGoldTask', 'BronzeChanged'],
    ['Commit', 'LedgerConflict', 'BronzeChanged'],
    ['UpsertSync', 'LoadStale', 'LoadIncomplete'],
  ]);
});

test.each(choices)(
  '%s has a default and reads only fields that every run state has, by their type',
  (_, state) => {
    expect(Object.keys(States)).toContain(state.Default);
    const first = initialRunState('run-1', 'test');
    for (const choice of state.Choices ?? []) {
      const value: unknown = Reflect.get(first, choice.Variable.replace(/^\$\./, ''));
      const operator = Object.keys(choice).find((key) => /^(String|Numeric)/.test(key)) ?? '';
      expect(operator).toMatch(typeof value === 'string' ? /^String/ : /^Numeric/);
      expect(typeof value).toBe(typeof Reflect.get(choice, operator));
    }
  },
);

test('only features that Step Functions and the local host treat alike are used', () => {
  const forbidden =
    /JSONata|"Assign"|\$\$|StartTime|"Map"|"Parallel"|"(Error|Cause)Path":"States\./;
  expect(text).not.toMatch(forbidden);
  expect(text).not.toContain(String.raw`\\'`);
  expect(States['Failed']).toMatchObject({
    ErrorPath: '$.error.Error',
    CausePath: '$.error.Cause',
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLocally } from '../../src/state-machine/local-host.ts';
import { type Failure, initialRunState, type RunState } from '../../src/state-machine/run-state.ts';
import { type MotoHost, startMotoHost } from './moto-host.ts';
import { type Answer, type Call, type Script, scripted } from './scripted-steps.ts';

const SMALL: Partial<RunState> = { work: 'lake', seq: 4, manifest: '_runs/x/plan.json', bytes: 10 };
const LARGE: Partial<RunState> = { ...SMALL, engine: 'glue', loader: 'glue' };
const TABLES: Partial<RunState> = { work: 'tables', seq: 4 };
const NOTHING: Partial<RunState> = { work: 'none', seq: 4 };

/** The course of a run: its output or its error, and each call of a step in order. */
type Story = { output?: unknown; error?: string | undefined; calls: Call[] };

let moto: MotoHost;
let runs = 0;

beforeAll(async () => {
  moto = await startMotoHost();
});
afterAll(() => moto[Symbol.asyncDispose]());

async function inProcess(script: Script, input: RunState): Promise<Story> {
  const { steps, calls } = scripted(script);
  const signal = new AbortController().signal;
  const options = { steps, input, signal, onEvent: () => {}, now: Date.now, retryMs: 1 };
  return runLocally(options).then(
    ({ output }) => ({ output, calls }),
    () => ({ error: calls.at(-1)?.given.error?.Error, calls }),
  );
}

async function onMoto(script: Script, input: RunState): Promise<Story> {
  const { steps, calls } = scripted(script);
  const { status, output = '', error } = await moto.run(steps, input);
  if (status === 'SUCCEEDED') return { output: JSON.parse(output), calls };
  const caught = calls.at(-1)?.given.error?.Error;
  // `States.` names are reserved, and moto lets no Fail state pass one on.
  const isReserved = caught?.startsWith('States.') === true && error === 'States.Runtime';
  return { error: isReserved ? caught : error, calls };
}

/** The record of a Catch: the error's name, and the message of the code that failed. */
function comparable({ output, calls, ...rest }: Story): object {
  const causeOf = (failure: Failure): object => {
    const { errorType, errorMessage, ErrorMessage } = Object(JSON.parse(failure.Cause ?? '{}'));
    return { Error: failure.Error, errorType, errorMessage, ErrorMessage };
  };
  const plain = (state: unknown): object => {
    const { again, error, ...fields } = Object(state) as Partial<RunState>;
    return { ...fields, again: again && causeOf(again), error: error && causeOf(error) };
  };
  return {
    ...rest,
    output: output && plain(output),
    calls: calls.map(({ state, given }) => ({ state, given: plain(given) })),
  };
}

async function compare(script: Script): Promise<string[]> {
  runs += 1;
  const input = initialRunState(`run-${runs}`, 'test');
  const [local, remote] = [await inProcess(script, input), await onMoto(script, input)];
  expect(comparable(remote)).toEqual(comparable(local));
  return local.calls.map(({ state }) => state);
}

const fails = (...names: string[]): Answer[] => names.map((name) => ({ fails: name }));
const times = (count: number, name: string): Answer[] =>
  Array.from({ length: count }, () => ({ fails: name }));

describe('this host and the one behind the API of Step Functions take the same path to the same result', () => {
  test.each<[string, Script, string]>([
    ['nothing to do', { plan: NOTHING, answers: {} }, 'Plan'],
    ['tables that lag', { plan: TABLES, answers: {} }, 'Plan Publish GoldToRds UpsertSync'],
    [
      'small work',
      { plan: SMALL, answers: { Commit: [{ seq: 5 }] } },
      'Plan BronzeToSilver SilverToGold Commit Publish GoldToRds UpsertSync',
    ],
    [
      'large work',
      { plan: LARGE, answers: { Commit: [{ seq: 5 }] } },
      'Plan BronzeToSilverGlue SilverToGoldTask SilverToGoldGlue Commit Publish GoldToRdsTask GoldToRdsGlue UpsertSync',
    ],
    [
      'a changed object that a job found',
      { plan: LARGE, answers: { SilverToGoldTask: fails('BronzeChanged') } },
      'Plan BronzeToSilverGlue SilverToGoldTask Plan BronzeToSilverGlue SilverToGoldTask SilverToGoldGlue Commit Publish GoldToRdsTask GoldToRdsGlue UpsertSync',
    ],
    [
      'a remote that fails twice, and a function that is killed',
      {
        plan: TABLES,
        answers: {
          Publish: fails('RemoteFailed', 'RemoteFailed'),
          UpsertSync: fails('Runtime.ExitError'),
        },
      },
      'Plan Publish Publish Publish GoldToRds UpsertSync UpsertSync',
    ],
    [
      'a remote that is gone',
      { plan: TABLES, answers: { Publish: times(5, 'RemoteFailed') } },
      'Plan Publish Publish Publish Publish Publish NotifyFailure',
    ],
    [
      'a lost race, then a changed object',
      {
        plan: SMALL,
        answers: {
          Commit: fails('LedgerConflict'),
          BronzeToSilver: [{}, { fails: 'BronzeChanged' }],
        },
      },
      'Plan BronzeToSilver SilverToGold Commit Plan BronzeToSilver Plan BronzeToSilver SilverToGold Commit Publish GoldToRds UpsertSync',
    ],
    [
      'ten lost races',
      { plan: TABLES, answers: { UpsertSync: times(10, 'LoadStale') } },
      `${'Plan Publish GoldToRds UpsertSync '.repeat(10)}NotifyFailure`,
    ],
    [
      'a job that fails',
      { plan: LARGE, answers: { SilverToGold: fails('TotalOutOfRange') } },
      'Plan BronzeToSilverGlue SilverToGoldTask SilverToGoldGlue NotifyFailure',
    ],
    [
      'an unknown fault, and a notice that fails',
      { plan: SMALL, answers: { Commit: fails('TypeError'), NotifyFailure: fails('TypeError') } },
      'Plan BronzeToSilver SilverToGold Commit NotifyFailure',
    ],
  ])('%s', async (_, script, path) => {
    expect((await compare(script)).join(' ')).toBe(path);
  });

  const answers = fc.array(
    fc.constantFrom<Answer>(
      {},
      ...fails('RemoteFailed', 'LedgerConflict', 'BronzeChanged', 'LoadStale', 'LoadIncomplete'),
      ...fails('OutOfTime', 'Runtime.ExitError', 'LedgerDamaged', 'TypeError'),
    ),
    { maxLength: 2 },
  );
  const scripts = fc.record({
    plan: fc.constantFrom(NOTHING, TABLES, SMALL, SMALL, LARGE, LARGE),
    answers: fc.record({
      Plan: answers,
      BronzeToSilver: answers,
      SilverToGold: answers,
      SilverToGoldTask: answers,
      Commit: answers,
      Publish: answers,
      GoldToRds: answers,
      GoldToRdsTask: answers,
      UpsertSync: answers,
      NotifyFailure: answers,
    }),
  });

  test('for every scripted result of the steps', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        expect((await compare(script))[0]).toBe('Plan');
      }),
      { numRuns: 15, interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);
});

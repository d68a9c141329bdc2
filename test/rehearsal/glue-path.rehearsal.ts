import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { testFolder } from '../support/folders.ts';
import { leaks, peopleIn } from './artefacts.ts';
import { heads } from './lake.ts';
import { tables } from './laptop.ts';
import { openStage } from './stage.ts';
import { exercised, report } from './log.ts';
import { onePurchase, samples, SECRETIVE, upload, withdraw } from './uploads.ts';

let postgres: TestServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test('small work goes to Lambda, larger work on top of it to Glue, and the table equals that of a laptop run', async () => {
  const template = inject('template');
  // The samples are smaller than this; together with their silver and gold they are larger.
  const env = { PURCHASES_CLUSTER_BYTES: '20000' };
  await using stage = await openStage({
    template,
    postgres,
    env,
    jobsIn: await testFolder(),
    tamper: () => [],
  });
  for (const [key, content] of await samples()) await upload(stage, key, content);
  await stage.sweep('2026-10-21T01:00:00Z');
  await stage.settled();
  expect(await stage.states('sweep-20261021T0100')).toEqual(
    'Plan ChooseWork ChooseEngine BronzeToSilver SilverToGold Commit Publish ChooseLoader GoldToRds UpsertSync Done'.split(
      ' ',
    ),
  );

  await upload(stage, 'shop/2026/10/01/orders.csv', onePurchase(8001, '10.00'));
  await upload(stage, '2026/10/15/secretive.csv', SECRETIVE);
  await withdraw(stage, 'shop/2026/10/02/orders.csv');
  // The first job is killed, and the run with it; the next sweep does all of it.
  if (stage.jobs !== undefined) stage.jobs.onStart = (_, kill) => kill();
  await stage.sweep('2026-10-21T01:01:00Z');
  await stage.settled();
  expect(await stage.states('sweep-20261021T0101')).toEqual(
    'Plan ChooseWork ChooseEngine BronzeToSilverGlue NotifyFailure Failed'.split(' '),
  );
  if (stage.jobs !== undefined) stage.jobs.onStart = undefined;

  // Then the cluster has no capacity at first: the state waits and retries.
  const busy = { method: 'POST', match: 'StartJobRun', status: 400 } as const;
  await stage.cloud.fail([{ ...busy, times: 1, code: 'ConcurrentRunsExceededException' }]);
  const started = performance.now();
  await stage.sweep('2026-10-21T01:02:00Z');
  await stage.settled();
  expect(await stage.ends(), stage.jobs?.runs.at(-1)?.printed.slice(-4000)).toEqual({
    // moto reports States.TaskFailed under this name.
    'FAILED States.Runtime': 1,
    SUCCEEDED: 2,
  });
  report(`Glue path: ${Math.round((performance.now() - started) / 1000)} s for three jobs`);
  expect(await stage.states('sweep-20261021T0102')).toEqual(
    'Plan ChooseWork ChooseEngine BronzeToSilverGlue SilverToGoldTask SilverToGoldGlue Commit Publish ChooseLoader GoldToRdsTask GoldToRdsGlue UpsertSync Done'.split(
      ' ',
    ),
  );
  expect(stage.jobs?.runs.slice(1).map(({ job }) => job)).toEqual(
    ['bronze_to_silver', 'silver_to_gold', 'gold_to_rds'].map(
      (name) => `CustomerPurchases-${name}_job`,
    ),
  );
  expect(await stage.cloud.fail([])).toMatchObject([{ times: 0 }]);
  expect(await heads(stage)).toEqual({ ledger: 2, catalog: 2 });
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds).toContain('Canary');
  expect(rds).toBe(laptop);
  expect(await leaks(stage, ['canary', ...peopleIn(rds)])).toEqual([]);
  exercised('glue', 'machine');
});

import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { account, tell } from './account.ts';
import { BUSY_SERVICES, newSeed, seeded, weather } from './chaos.ts';
import { heads } from './lake.ts';
import { tables } from './laptop.ts';
import { openStage } from './stage.ts';
import type { Template } from './template.ts';
import { onePurchase, POISON, samples, upload, withdraw } from './uploads.ts';

const template = inject('template');
let postgres: TestServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  account('the pipeline of AWS, by its Lambda path');
});

/** Measures of the functions' own by which alarms ring. */
const metricsOf = ({ Resources }: Template): string[] =>
  Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .filter(({ Properties }) => Properties?.['Namespace'] === 'CustomerPurchases')
    .map(({ Properties }) => String(Properties?.['MetricName']));

test('uploads, corrections and withdrawals reach the serving table as a laptop run of the same files would', async () => {
  await using stage = await openStage({ template, postgres });
  const started = performance.now();
  for (const [key, content] of await samples()) await upload(stage, key, content);
  await stage.settled();
  const first = await tables(stage, postgres);
  expect(first.rds.split('\n')).toHaveLength(23);
  expect(first.rds).toBe(first.laptop);
  tell(`samples: ${Math.round((performance.now() - started) / 1000)} s from the first upload`);

  await upload(stage, 'shop/2026/10/01/orders.csv', onePurchase(8001, '10.00'));
  await upload(stage, '2026/10/15/new.csv', onePurchase(8002, '-3.33'));
  await withdraw(stage, 'shop/2026/10/02/orders.csv');
  await stage.settled();
  const second = await tables(stage, postgres);
  expect(second.rds).toContain('Lovelace 8001');
  expect(second.rds).toBe(second.laptop);

  const runs = (await stage.executions()).length;
  await stage.sweep('2026-10-21T01:00:00Z');
  await stage.sweep('2026-10-21T01:00:00Z');
  await stage.settled();
  expect(await stage.executions()).toHaveLength(runs + 1);
  expect(await stage.states('sweep-20261021T0100')).toEqual(['Plan', 'ChooseWork', 'Done']);
  expect(await stage.ends()).toEqual({ SUCCEEDED: runs + 1 });
  const { ledger, catalog } = await heads(stage);
  expect(catalog).toBe(ledger);
  expect(metricsOf(template).filter((name) => !stage.functions.printed().includes(`"${name}"`)))
    // This one is of the function that fetches rates, which nobody called.
    .toEqual(['RatesAgeDays']);
});

test('events that each come up to five times, in random order, change nothing of the table', async () => {
  const seed = newSeed();
  const { tamper, told } = weather({ random: seeded(seed), lost: 0, late: 0 });
  await using stage = await openStage({ template, postgres, tamper });
  for (const [key, content] of await samples()) await upload(stage, key, content);
  await withdraw(stage, 'shop/2026/10/02/orders.csv');
  await stage.settled();
  tell(`repeated: PURCHASES_REHEARSAL_SEED=${seed} ${JSON.stringify(told)}`);
  expect(told.repeated).toBeGreaterThan(0);
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds).toBe(laptop);
  expect(Object.keys(await stage.ends())).toEqual(['SUCCEEDED']);
});

test('a day of lost, late, repeated and reordered events, busy services, killed functions, poison and runs side by side ends in the same table', async () => {
  const seed = newSeed();
  const { tamper, told } = weather({ random: seeded(seed), lost: 0.2, late: 0.3 });
  await using stage = await openStage({ template, postgres, tamper });
  tell(`bad day: PURCHASES_REHEARSAL_SEED=${seed}`);
  // Each function's first answer is lost, its work being done: the state machine asks again.
  let killed = 0;
  stage.functions.beforeAnswer = (name, call) => {
    if (call > 1 || /trigger|sweep/.test(name)) return undefined;
    killed += 1;
    return 'kill';
  };
  const poison = { QueueUrl: stage.raised.queues.uploads, MessageBody: 'this is no event' };
  await stage.sqs.send(new SendMessageCommand(poison));
  const files: [string, Buffer | string][] = [...(await samples()), ...POISON];
  for (const [key, content] of files) await upload(stage, key, content);
  await stage.cloud.fail(BUSY_SERVICES);
  await Promise.all(['01:00', '01:01'].map((time) => stage.sweep(`2026-10-21T${time}:00Z`)));
  await stage.settled(300);
  const left = await stage.cloud.fail([]);
  await stage.sweep('2026-10-21T02:00:00Z');
  await stage.settled();
  // Any message brings what was late: by now the sweep has found it, and its run has nothing to do.
  await stage.sqs.send(
    new SendMessageCommand({ ...poison, MessageBody: '{"Event": "s3:TestEvent"}' }),
  );
  await stage.settled();

  tell(`bad day: ${JSON.stringify({ ...told, killed, ...(await stage.ends()) })}`);
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds).toContain('Lovelace 7002');
  expect(rds).toBe(laptop);
  expect(await stage.queueDepth('dead')).toBe(1);
  expect(left.map(({ times }) => times)).toEqual(BUSY_SERVICES.map(() => 0));
  // Whatever happened, no run failed for good.
  expect(Object.keys(await stage.ends())).toEqual(['SUCCEEDED']);
  expect(told.lost).toBeGreaterThan(0);
  // Nobody's name or address is in what the functions print.
  const people = [...rds.matchAll(/"(?:full_name|email)":"([^"]+)"/g)].map(
    ([, value]) => value ?? '',
  );
  expect(people.length).toBeGreaterThan(20);
  expect(people.filter((value) => stage.functions.printed().includes(value))).toEqual([]);
});

import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { testFolder } from '../support/folders.ts';
import { account, tell } from './account.ts';
import { badDay, BUSY_SERVICES, seeded, type Told } from './chaos.ts';
import { laptopTable, tableText } from './laptop.ts';
import { openStage, type Stage, synthesised } from './stage.ts';
import type { Template } from './template.ts';
import { onePurchase, POISON, samples, upload, withdraw } from './uploads.ts';

let postgres: TestServer;
let template: Template & AsyncDisposable;

beforeAll(async () => {
  [postgres, template] = await Promise.all([startPostgres(), synthesised()]);
});
afterAll(async () => {
  await Promise.all([postgres.stop(), template[Symbol.asyncDispose]()]);
  account('Lambda path');
});

/** The table in RDS, and that of a laptop run of the files that are in bronze now. */
async function tables(stage: Stage): Promise<{ rds: string; laptop: string }> {
  const laptop = await laptopTable(stage, await testFolder(), postgres);
  return { rds: await tableText(postgres, stage.database), laptop };
}

test('uploads, corrections and withdrawals reach the serving table as a laptop run of the same files would', async () => {
  await using stage = await openStage({ template, postgres });
  const started = performance.now();
  for (const [key, content] of await samples()) await upload(stage, key, content);
  await stage.settled();
  const first = await tables(stage);
  expect(first.rds.split('\n')).toHaveLength(23);
  expect(first.rds).toBe(first.laptop);
  tell(`samples: ${Math.round((performance.now() - started) / 1000)} s from the first upload`);

  await upload(stage, 'shop/2026/10/01/orders.csv', onePurchase(8001, '10.00'));
  await upload(stage, '2026/10/15/new.csv', onePurchase(8002, '-3.33'));
  await withdraw(stage, 'shop/2026/10/02/orders.csv');
  await stage.settled();
  const second = await tables(stage);
  expect(second.rds).toContain('Lovelace 8001');
  expect(second.rds).toBe(second.laptop);

  const runs = (await stage.executions()).length;
  await stage.sweep('2026-10-21T01:00:00Z');
  await stage.sweep('2026-10-21T01:00:00Z');
  await stage.settled();
  expect(await stage.executions()).toHaveLength(runs + 1);
  expect(await stage.states('sweep-20261021T0100')).toEqual(['Plan', 'ChooseWork', 'Done']);
  expect(await stage.ends()).toEqual({ SUCCEEDED: runs + 1 });
});

test('a day of lost, repeated and reordered events, busy services, killed functions, poison and runs side by side ends in the same table', async () => {
  const seed = Number(process.env['PURCHASES_REHEARSAL_SEED'] ?? Math.floor(Math.random() * 1e9));
  const told: Told = { sent: 0, lost: 0, repeated: 0 };
  await using stage = await openStage({ template, postgres, tamper: badDay(seeded(seed), told) });
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

  tell(`bad day: ${JSON.stringify({ ...told, killed, ...(await stage.ends()) })}`);
  const { rds, laptop } = await tables(stage);
  expect(rds).toContain('Lovelace 7002');
  expect(rds).toBe(laptop);
  expect(await stage.queueDepth('dead')).toBe(1);
  expect(left.map(({ times }) => times)).toEqual(BUSY_SERVICES.map(() => 0));
  expect(told.lost).toBeGreaterThan(0);
  // Nobody's name or address is in what the functions print.
  const people = [...rds.matchAll(/"(?:full_name|email)":"([^"]+)"/g)].map(
    ([, value]) => value ?? '',
  );
  expect(people.length).toBeGreaterThan(20);
  expect(people.filter((value) => stage.functions.printed().includes(value))).toEqual([]);
});

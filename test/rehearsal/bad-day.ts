import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, inject } from 'vitest';
import type { TestServer } from '../servers/process.ts';
import { leaks, peopleIn } from './artefacts.ts';
import { BUSY_SERVICES, seeded, weather } from './chaos.ts';
import { tables } from './laptop.ts';
import { openStage } from './stage.ts';
import { report } from './log.ts';
import { POISON, samples, upload, withdraw } from './uploads.ts';

/** Events that each arrive up to five times, in any order. */
export async function repeatedEvents(postgres: TestServer, seed: number): Promise<void> {
  const { tamper, counts } = weather({ random: seeded(seed), lost: 0, late: 0 });
  await using stage = await openStage({ template: inject('template'), postgres, tamper });
  report(`repeated events: PURCHASES_REHEARSAL_SEED=${seed}`);
  for (const [key, content] of await samples()) await upload(stage, key, content);
  await withdraw(stage, 'shop/2026/10/02/orders.csv');
  await stage.settled();
  report(`repeated events: ${JSON.stringify({ ...counts, ...(await stage.ends()) })}`);
  expect(counts.repeated).toBeGreaterThan(0);
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds).toBe(laptop);
  expect(Object.keys(await stage.ends())).toEqual(['SUCCEEDED']);
}

/**
 * Lost, late, repeated and reordered events, busy services, killed functions, poison, and
 * concurrent runs; then quiet, and the sweep.
 */
export async function badDay(postgres: TestServer, seed: number): Promise<void> {
  const { tamper, counts } = weather({ random: seeded(seed), lost: 0.2, late: 0.3 });
  await using stage = await openStage({ template: inject('template'), postgres, tamper });
  report(`bad day: PURCHASES_REHEARSAL_SEED=${seed}`);
  // Each function's first answer is lost after its work is done: the state machine retries.
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
  await stage.settled();
  const left = await stage.cloud.fail([]);
  await stage.sweep('2026-10-21T02:00:00Z');
  await stage.settled();
  // Any message delivers the late ones too: by now the sweep has found their files, and their run
  // has nothing to do.
  await stage.sqs.send(
    new SendMessageCommand({ ...poison, MessageBody: '{"Event": "s3:TestEvent"}' }),
  );
  await stage.settled();

  report(`bad day: ${JSON.stringify({ ...counts, killed, ...(await stage.ends()) })}`);
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds).toContain('Lovelace 7002');
  expect(rds).toBe(laptop);
  expect(await stage.queueDepth('dead')).toBe(1);
  expect(left.map(({ times }) => times)).toEqual(BUSY_SERVICES.map(() => 0));
  // After all of that, no run failed for good.
  expect(Object.keys(await stage.ends())).toEqual(['SUCCEEDED']);
  expect(counts.lost).toBeGreaterThan(0);
  const people = peopleIn(rds);
  expect(people.length).toBeGreaterThan(20);
  expect(await leaks(stage, people)).toEqual([]);
}

import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { COMMITS } from '../../src/lake/layout.ts';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { leaks } from './artefacts.ts';
import { heads, lakeOf } from './lake.ts';
import { tables } from './laptop.ts';
import { bridgeEvent, queued, s3Record } from './notices.ts';
import { openStage, type Stage } from './stage.ts';
import { exercised, report } from './log.ts';
import { onePurchase, upload } from './uploads.ts';

const template = inject('template');
let postgres: TestServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** Calls the deployed trigger as AWS would. */
async function triggered(stage: Stage, event: object): Promise<{ run: string | null }> {
  const { body, failed } = await stage.functions.invoke(
    stage.raised.mapping.function,
    JSON.stringify(event),
  );
  const answer = JSON.parse(body) as { run: string | null };
  return failed ? Promise.reject(new Error(body)) : answer;
}

/** Waits for all calls. */
function meeting(size: number): () => Promise<undefined> {
  const arrived: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      arrived.push(() => resolve(undefined));
      if (arrived.length === size) for (const each of arrived) each();
    });
}

test('notices of S3, EventBridge and queues, whole and in part, start runs that find their files', async () => {
  await using stage = await openStage({ template, postgres, tamper: () => [] });
  for (const at of [1, 2, 3, 4, 5, 6])
    await upload(stage, `2026/10/16/a+b ${at} 購.csv`, onePurchase(9000 + at, `${at}.00`));
  await stage.settled();
  expect(await stage.executions()).toEqual([]);

  const key = (at: number): string => `2026/10/16/a+b ${at} 購.csv`;
  const direct = { Records: [s3Record(stage, key(1), '01'), s3Record(stage, key(2), '02')] };
  const first = await triggered(stage, direct);
  expect(await triggered(stage, { Records: direct.Records.toReversed() })).toEqual(first);
  await triggered(stage, bridgeEvent(stage, key(3), '03'));
  const burst = queued(
    stage,
    { Records: [s3Record(stage, key(4), '04')] },
    'this is no event',
    bridgeEvent(stage, key(5), '05'),
    { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: stage.raised.bucket },
    { Records: [s3Record(stage, key(6), '06'), { eventSource: 'aws:ses' }] },
  );
  expect(await triggered(stage, burst)).toMatchObject({
    batchItemFailures: [{ itemIdentifier: 'm-1' }, { itemIdentifier: 'm-4' }],
  });
  const elsewhere = { ...stage, raised: { ...stage.raised, bucket: 'another' } };
  const ofOtherBucket = { Records: [s3Record(elsewhere, key(1), '07')] };
  expect(await triggered(stage, ofOtherBucket)).toMatchObject({ run: null });
  await stage.settled();

  // Two direct notices of the same records, an event of EventBridge, and a burst of five messages:
  // three runs.
  expect(await stage.ends()).toEqual({ SUCCEEDED: 3 });

  // The input of the first design, for the trigger and for an execution: a hint where to look.
  const hint = {
    year: '2026',
    month: '10',
    day: '17',
    s3_path: `${stage.raised.lake}/bronze/2026/10/17/`,
  };
  await upload(stage, '2026/10/17/hinted.csv', onePurchase(9007, '7.00'));
  const { run } = await triggered(stage, hint);
  await stage.settled();
  expect(await stage.states(run ?? '')).toContain('UpsertSync');
  await upload(stage, '2026/10/17/manual upload.csv', onePurchase(9008, '8.00'));
  const byHand = { name: 'by-hand', input: JSON.stringify(hint) };
  await stage.sfn.send(
    new StartExecutionCommand({ stateMachineArn: stage.raised.machine, ...byHand }),
  );
  await stage.settled();
  expect(await stage.states('by-hand')).toContain('UpsertSync');
  expect(await stage.ends()).toEqual({ SUCCEEDED: 5 });
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds.split('\n')).toHaveLength(8);
  expect(rds).toBe(laptop);
});

test('of two runs that commit at the same time one plans again, and nothing is lost', async () => {
  await using stage = await openStage({ template, postgres, tamper: () => [] });
  await upload(stage, '2026/10/16/both.csv', onePurchase(9101, '1.00'));
  const meet = meeting(2);
  stage.functions.beforeAnswer = (name, call) =>
    name.endsWith('silver-to-gold') && call <= 2 ? meet() : undefined;
  await Promise.all(['01', '02'].map((minute) => stage.sweep(`2026-10-21T01:${minute}:00Z`)));
  await stage.settled();
  const paths = await Promise.all(
    ['01', '02'].map((minute) => stage.states(`sweep-20261021T01${minute}`)),
  );
  report(`two at once: ${paths.map((path) => path.join(' ')).join(' | ')}`);
  expect(paths.filter((path) => path.includes('PlanAgain'))).toHaveLength(1);
  expect(await stage.ends()).toEqual({ SUCCEEDED: 2 });
  expect(await heads(stage)).toEqual({ ledger: 1, catalog: 1 });
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds).toContain('Lovelace 9101');
  expect(rds).toBe(laptop);
});

test('a run that fails reports the reason, and a replay completes it once the cause is fixed', async () => {
  await using stage = await openStage({ template, postgres });
  await upload(stage, '2026/10/16/before.csv', onePurchase(9201, '1.00'));
  await stage.settled();
  const commit = `${COMMITS}000000000001.json`;
  await lakeOf(stage).put(commit, Buffer.from('{'));
  await upload(stage, '2026/10/16/after.csv', onePurchase(9202, '2.00'));
  await stage.settled();
  expect(await stage.ends()).toEqual({ SUCCEEDED: 1, 'FAILED LedgerDamaged': 1 });
  const [failed] = (await stage.executions()).filter(({ status }) => status === 'FAILED');
  expect(await stage.states(failed?.name ?? '')).toEqual(['Plan', 'NotifyFailure', 'Failed']);
  expect(stage.functions.printed()).toContain('"state":"NotifyFailure"');

  // As in the runbook for restoring an object: the version that damaged it is deleted.
  const Bucket = stage.raised.bucket;
  const Key = `${stage.raised.lake.replace(/^s3:\/\/[^/]+\//, '')}/${commit}`;
  const found = await stage.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
  const newest = found.Versions?.find(({ IsLatest }) => IsLatest)?.VersionId;
  await stage.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: newest }));
  await stage.sweep('2026-10-21T01:00:00Z');
  await stage.settled();
  expect(await stage.ends()).toEqual({ SUCCEEDED: 2, 'FAILED LedgerDamaged': 1 });
  expect(await heads(stage)).toEqual({ ledger: 2, catalog: 2 });
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds.split('\n')).toHaveLength(2);
  expect(rds).toBe(laptop);
  expect(await leaks(stage, ['lovelace', 'example.com'])).toEqual([]);
  exercised('machine', 'failure');
});

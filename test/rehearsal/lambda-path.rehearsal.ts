import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { leaks, peopleIn } from './artefacts.ts';
import { heads } from './lake.ts';
import { tables } from './laptop.ts';
import { openStage } from './stage.ts';
import { exercised, report } from './log.ts';
import type { Template } from './template.ts';
import { onePurchase, samples, SECRETIVE, upload, withdraw } from './uploads.ts';

const template = inject('template');
let postgres: TestServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** The functions' own metrics that have alarms. */
const metricsOf = ({ Resources }: Template): string[] =>
  Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .filter(({ Properties }) => Properties?.['Namespace'] === 'CustomerPurchases')
    .map(({ Properties }) => String(Properties?.['MetricName']));

test('uploads, corrections and withdrawals reach the serving table as in a laptop run of the same files', async () => {
  await using stage = await openStage({ template, postgres });
  const started = performance.now();
  for (const [key, content] of await samples()) await upload(stage, key, content);
  await stage.settled();
  const first = await tables(stage, postgres);
  expect(first.rds.split('\n')).toHaveLength(23);
  expect(first.rds).toBe(first.laptop);
  report(`samples: ${Math.round((performance.now() - started) / 1000)} s from the first upload`);

  await upload(stage, 'shop/2026/10/01/orders.csv', onePurchase(8001, '10.00'));
  await upload(stage, '2026/10/15/new.csv', onePurchase(8002, '-3.33'));
  await upload(stage, '2026/10/15/secretive.csv', SECRETIVE);
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
    // This one belongs to the function that fetches rates, which was not called.
    .toEqual(['RatesAgeDays']);

  // Accepted, rejected or malformed rows, and unknown columns: operators can read none of their
  // content.
  expect(second.rds).toContain('Canary');
  expect(await leaks(stage, ['canary', ...peopleIn(second.rds)])).toEqual([]);
  exercised('upload', 'events', 'starters', 'machine', 'lambda', 'catalog', 'database');
});

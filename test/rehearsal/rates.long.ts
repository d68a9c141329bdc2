import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { tables } from './laptop.ts';
import { openStage } from './stage.ts';
import { exercised } from './log.ts';
import { onePurchase, samples, upload } from './uploads.ts';

const PACKAGED = new URL('../../data/rates.csv.gz', import.meta.url);

let postgres: TestServer;
let published = '';
const bank = createServer((_, response) => response.end(published));

beforeAll(async () => {
  postgres = await startPostgres();
  bank.listen(0, '127.0.0.1');
  await once(bank, 'listening');
});
afterAll(async () => {
  bank.closeAllConnections();
  bank.close();
  await postgres.stop();
});

test('rates that the schedule fetches let the next sweep accept rows that were rejected without them', async () => {
  const env = {
    PURCHASES_RATES_URL: `http://127.0.0.1:${(bank.address() as AddressInfo).port}/rates.csv`,
  };
  await using stage = await openStage({ template: inject('template'), postgres, env });
  for (const [key, content] of await samples()) await upload(stage, key, content);
  const inXts = onePurchase(8301, '10.00').replace(',AUD', ',XTS');
  await upload(stage, '2026/10/16/new-money.csv', inXts);
  await stage.settled();
  expect((await tables(stage, postgres)).rds).not.toContain('Lovelace 8301');

  published = `${gunzipSync(await readFile(PACKAGED))
    .toString()
    .trim()}\nXTS,2026-09-29,2.5\n`;
  await stage.fetchRates();
  await stage.sweep('2026-10-21T01:00:00Z');
  await stage.settled();
  const { rds, laptop } = await tables(stage, postgres);
  expect(rds).toContain('"full_name":"Ada Lovelace 8301"');
  expect(rds).toContain('"total_spent_aud":25.00');
  expect(rds).toBe(laptop);
  expect(stage.functions.printed()).toContain('"RatesAgeDays"');
  exercised('starters');
});

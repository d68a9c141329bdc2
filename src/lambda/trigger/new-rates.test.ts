import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testFolder } from '../../../test/support/folders.ts';
import { RatesInvalid, RemoteFailed } from '../../errors.ts';
import { REFERENCE_RATES } from '../../lake/layout.ts';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { fetchRates } from './new-rates.ts';

/**
 * As the bank publishes it: newest day first, each line ending with a comma, N/A for a currency
 * without a rate.
 */
const TABLE = `Date,USD,AUD,BGN,
2026-10-30,1.25,1.75,N/A,
2026-10-29,1.2,1.8,1.9558,
`;
const TODAY = '2026-11-02';

let reply: { status: number; body: Buffer | string };
const server = createServer((_, response) => {
  response.writeHead(reply.status);
  response.end(reply.body);
});
let url: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/eurofxref-hist.zip`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** An archive written by another tool. */
async function zipped(text: string): Promise<Buffer> {
  const cwd = await testFolder();
  await writeFile(join(cwd, 'eurofxref-hist.csv'), text);
  const python = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url));
  execFileSync(python, ['-m', 'zipfile', '-c', 'a.zip', 'eurofxref-hist.csv'], { cwd });
  return readFile(join(cwd, 'a.zip'));
}

async function fetched(...bodies: (Buffer | string)[]) {
  const store = folderStore(await testFolder());
  const results = [];
  for (const body of bodies) {
    reply = { status: 200, body };
    results.push(await fetchRates(store, url, TODAY));
  }
  const kept = await store.read(REFERENCE_RATES);
  return {
    store,
    results,
    lines: Buffer.from(kept ?? [])
      .toString()
      .trim()
      .split('\n'),
  };
}

const RATES = [
  'currency,rate_date,rate_aud',
  'BGN,2026-10-29,0.920339503017',
  'EUR,2026-10-29,1.8',
  'EUR,2026-10-30,1.75',
  'USD,2026-10-29,1.5',
  'USD,2026-10-30,1.4',
];

test.each([
  ['as an archive', zipped],
  ['gzipped', async (text: string) => gzipSync(text)],
  ['as it is', async (text: string) => text],
])('the published table is accepted %s, and kept as exact rates', async (_, pack) => {
  const { results, lines } = await fetched(await pack(TABLE));
  expect(results).toEqual([{ newest: '2026-10-30', ageDays: 3, changed: true }]);
  expect(lines.map((line) => line.replace(/0+$/, '').replace(/(?<=\.\d)$/, ''))).toEqual(RATES);
});

test('a table with the same rates is not written again, one with another day is', async () => {
  const more = TABLE.replace('BGN,\n', 'BGN,\n2026-11-02,1.2,1.8,N/A,\n');
  const { results, lines } = await fetched(TABLE, await zipped(TABLE), more);
  expect(results.map(({ changed, newest }) => [changed, newest])).toEqual([
    [true, '2026-10-30'],
    [false, '2026-10-30'],
    [true, '2026-11-02'],
  ]);
  expect(lines).toHaveLength(8);
});

test.each([
  ['a table that ends earlier', async () => TABLE.replace(/2026-10-30.*\n/, ''), RatesInvalid],
  ['a table that begins later', async () => TABLE.replace(/2026-10-29.*\n/, ''), RatesInvalid],
  ['a page', async () => '<!doctype html><title>Maintenance</title>', RatesInvalid],
  ['half an archive', async () => (await zipped(TABLE)).subarray(0, 60), RatesInvalid],
  [
    'an archive with a broken end',
    async () => Buffer.from('PK\u0003\u0004PK\u0005\u0006'),
    RatesInvalid,
  ],
  ['nothing', async () => '', RatesInvalid],
  ['a rate of zero', async () => TABLE.replace('1.25', '0'), RatesInvalid],
])('%s leaves the rates unchanged', async (_, build, error) => {
  const { store, lines } = await fetched(TABLE);
  reply = { status: 200, body: await build() };
  await expect(fetchRates(store, url, TODAY)).rejects.toThrow(error);
  const after = Buffer.from((await store.read(REFERENCE_RATES)) ?? []).toString();
  expect(after.trim().split('\n')).toEqual(lines);
});

test.each([404, 500, 503])('a response of %i is a remote failure', async (status) => {
  const store = folderStore(await testFolder());
  reply = { status, body: 'no' };
  await expect(fetchRates(store, url, TODAY)).rejects.toThrow(RemoteFailed);
  expect(await store.read(REFERENCE_RATES)).toBeUndefined();
});

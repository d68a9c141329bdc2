import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { appendFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { RunReport } from '../../src/lake/run/report.ts';
import { document, purchases } from '../support/cli.ts';
import { putBronze, testFolder } from '../support/folders.ts';
import { startCloud } from '../servers/moto.ts';
import { start, startIn, type Started } from '../support/processes.ts';

// A real process that is watched while files come: on a busy machine a run of it takes seconds.
vi.setConfig({ testTimeout: 240_000 });

const HEADER = 'customer_id,purchase_id,purchase_date,amount,currency\n';
const row = (number: number): string => `${number},p${number},2026-03-28,1.00,AUD\n`;

/** A watching process, and the reports of its runs so far. */
async function watching(cwd: string): Promise<Started & { reports(): RunReport[] }> {
  await mkdir(join(cwd, 'lake/bronze'), { recursive: true });
  const process = start(cwd, 'watch', '--json', '--settle', '2');
  onTestFinished(() => process.kill('SIGKILL'));
  await process.printed('Watching');
  const reports = (): RunReport[] =>
    process
      .soFar()
      .stdout.split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as RunReport);
  return { ...process, reports };
}

const lake = (cwd: string): string => join(cwd, 'lake');

async function total(cwd: string): Promise<unknown> {
  const sql =
    'select count(*) as customers, sum(total_spent_aud) as spent from customer_purchase_summary';
  return document(await purchases({ cwd }, 'query', sql, '--json', '--warehouse-db'));
}

test('a burst of twenty files is few runs, a file that is written slowly is read once it is whole, and Ctrl-C ends it well', async () => {
  const cwd = await testFolder();
  const watcher = await watching(cwd);
  await vi.waitFor(() => expect(watcher.reports()).toHaveLength(1), WAIT);

  for (let number = 1; number <= 20; number++) {
    await putBronze(lake(cwd), `shop/2026-04-01/f${number}.csv`, HEADER + row(number));
    await pause(50);
  }
  const added = (): number =>
    watcher.reports().reduce((sum, { objects }) => sum + objects.added, 0);
  await vi.waitFor(() => expect(added()).toBe(20), WAIT);
  expect(watcher.reports().length).toBeLessThanOrEqual(3);

  const slow = join(lake(cwd), 'bronze/shop/2026-04-02/slow.csv');
  await putBronze(lake(cwd), 'shop/2026-04-02/slow.csv', HEADER);
  for (let number = 100; number < 110; number++) {
    await appendFile(slow, row(number));
    await pause(500);
  }
  await vi.waitFor(() => expect(added()).toBe(21), WAIT);
  expect(watcher.reports().at(-1)).toMatchObject({
    objects: { added: 1, replaced: 0 },
    rows: { read: 10 },
  });
  expect(await total(cwd)).toEqual([{ customers: '30', spent: '30.00' }]);

  watcher.kill('SIGINT');
  expect(await watcher.ended).toMatchObject({ code: 0 });
  expect(await readdir(lake(cwd))).not.toContain('_scratch');
});

test('Ctrl-C lets the run under way end well', async () => {
  const cwd = await testFolder();
  const out = join(lake(cwd), 'bronze');
  await purchases({ cwd }, 'generate', '--rows', '200000', '--files', '2', '--out', out);
  const watcher = await watching(cwd);
  await vi.waitFor(async () => expect(await readdir(lake(cwd))).toContain('_scratch'), WAIT);
  watcher.kill('SIGINT');

  const { code, stdout, stderr } = await watcher.ended;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    seq: 1,
    objects: { added: 2 },
    rows: { read: 200_000 },
  });
});

test('a run that fails is reported, and watching goes on', async () => {
  const cwd = await testFolder();
  const reference = join(lake(cwd), 'reference/fx');
  await mkdir(reference, { recursive: true });
  await appendFile(join(reference, 'rates.csv'), 'no rates\n');
  await putBronze(lake(cwd), 'shop/2026-04-01/a.csv', HEADER + row(1));
  const watcher = await watching(cwd);
  await watcher.printed('RatesInvalid');
  await putBronze(
    lake(cwd),
    '../reference/fx/rates.csv',
    'currency,rate_date,rate_aud\nUSD,2026-03-28,1.5\n',
  );
  await vi.waitFor(() => expect(watcher.reports()).toMatchObject([{ seq: 1 }]), WAIT);
  watcher.kill('SIGTERM');
  expect(await watcher.ended).toMatchObject({ code: 0 });
});

test('a lake in S3 is looked at every so often, and an object that comes is a run', async () => {
  await using cloud = await startCloud();
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(
    new CreateBucketCommand({
      Bucket: 'purchases',
      CreateBucketConfiguration: { LocationConstraint: 'ap-southeast-2' },
    }),
  );
  const put = (name: string, number: number): Promise<unknown> =>
    s3.send(
      new PutObjectCommand({
        Bucket: 'purchases',
        Key: `lake/bronze/shop/2026-04-01/${name}`,
        Body: HEADER + row(number),
      }),
    );
  await put('a.csv', 1);
  const cwd = await testFolder();
  const flags = ['--lake', 's3://purchases/lake', '--warehouse', 'pglite:./serving'];
  const process = startIn({ cwd, env: cloud.env }, 'watch', '--every', '2', ...flags);
  onTestFinished(() => process.kill('SIGKILL'));
  const reports = (): number => process.soFar().stdout.split('\n').filter(Boolean).length;

  await vi.waitFor(() => expect(reports()).toBe(1), WAIT);
  await put('b.csv', 2);
  await vi.waitFor(() => expect(reports()).toBe(2), WAIT);
  process.kill('SIGTERM');
  const { code, stdout } = await process.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/seq 1; objects: 1 added.*\n.*seq 2; objects: 1 added; 1 row read/);
});

const WAIT = { timeout: 60_000, interval: 100 };

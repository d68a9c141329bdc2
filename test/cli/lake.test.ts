import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';

import type { RunReport } from '../../src/lake/run/report.ts';
import { type Answer, document, purchases } from '../support/cli.ts';
import { listing, putBronze, sharedFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type Plan = { seq: number; objects: { key: string; change: string }[]; unchanged: number };

const ESCAPE = '\u001b[';
const FIRST = 'shop/2026/10/01/orders.csv';
const at = sharedFolder();
let planned: Answer;
let first: Answer;

const command = (...argv: string[]): Promise<Answer> => purchases({ cwd: at.folder }, ...argv);
const planNow = async (): Promise<Plan> => document(await command('plan', '--json')) as Plan;

beforeAll(async () => {
  await putBronze(join(at.folder, 'lake'), 'notes.docx', 'no purchases');
  planned = await command('plan', '--json');
  first = await command('run', '--samples', '--fail-on-quarantine', '--json');
});

test('a plan before the first run finds nothing made, and leaves no trace in the lake', () => {
  expect(document(planned)).toMatchObject({ seq: 0, objects: [], ignored: ['notes.docx'] });
});

test('a run that refused rows ends with 4 where that was asked for, its work done all the same', async () => {
  expect(first.code).toBe(4);
  expect(JSON.parse(first.stdout)).toMatchObject({ seq: 1, rows: { quarantined: 26 } });
  const again = await command('run', '--fail-on-quarantine', '--json');
  expect(again.code).toBe(0);
});

test('standard output is the document alone; what happens meanwhile goes to standard error', () => {
  expect(Object.keys(JSON.parse(first.stdout) as RunReport)).toEqual([
    'run_id',
    'seq',
    'objects',
    'rows',
    'reasons',
    'repairs',
    'customers',
    'seconds',
  ]);
  expect(first.stderr).toMatch(/Plan[^]*UpsertSync/);
});

test('a plan after a run names what changed since, and why, and changes nothing', async () => {
  expect(await planNow()).toMatchObject({ seq: 1, objects: [], unchanged: 9 });
  const lake = join(at.folder, 'lake');
  const text = 'customer_id,purchase_id,purchase_date,amount,currency\n1,P,2026-10-01,1,AUD\n';
  await putBronze(lake, FIRST, text);
  await putBronze(lake, 'shop/2026/10/15/new.csv', text);
  await rm(join(lake, 'bronze/shop/2026/10/14/feed.tsv'));
  const before = await listing(lake, ['_lock/', '_warehouse/']);

  const { objects, unchanged } = await planNow();
  const text_ = (await command('plan')).stdout;

  expect(objects.map(({ key, change }) => [change, key])).toEqual([
    ['replaced', FIRST],
    ['added', 'shop/2026/10/15/new.csv'],
    ['removed', 'shop/2026/10/14/feed.tsv'],
  ]);
  expect(unchanged).toBe(7);
  expect(text_).toMatch(/^replaced +shop\/2026\/10\/01\/orders\.csv +[0-9]+ +content or last-mod/m);
  expect(await listing(lake, ['_lock/', '_warehouse/'])).toEqual(before);
});

test('other rules remake every object, and the plan says so', async () => {
  const { objects } = document(
    await command('plan', '--json', '--time-zone', 'Europe/London'),
  ) as Plan;
  expect(objects.filter(({ change }) => change === 'remade')).toHaveLength(7);
});

test.each([
  [{}, false],
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '0' }, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('with %j colours are used: %s', async (env, coloured) => {
  const { stdout } = await purchases({ cwd: at.folder, env }, 'plan');
  expect(stdout.includes(ESCAPE)).toBe(coloured);
  const { stderr } = await purchases({ cwd: at.folder, env }, 'plan', '--config', 'none.yaml');
  expect(stderr.includes(ESCAPE)).toBe(coloured);
});

test('flags override the environment, and the environment the file', async () => {
  await writeFile(join(at.folder, 'purchases.config.yaml'), 'lake: ./of-the-file\n');
  for (const lake of ['of-the-file', 'of-the-flag'])
    await mkdir(join(at.folder, lake, 'bronze'), { recursive: true });
  const seqWith = async (env: Record<string, string>, ...flags: string[]): Promise<number> =>
    (document(await purchases({ cwd: at.folder, env }, 'plan', '--json', ...flags)) as Plan).seq;
  expect(await seqWith({})).toBe(0);
  expect(await seqWith({ PURCHASES_LAKE: './lake' })).toBe(1);
  expect(await seqWith({ PURCHASES_LAKE: './lake' }, '--lake', './of-the-flag')).toBe(0);
  await rm(join(at.folder, 'purchases.config.yaml'));
});

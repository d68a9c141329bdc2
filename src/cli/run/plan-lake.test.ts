import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { LakePlan } from './plan-lake.ts';
import { smallLake, type SmallLake } from '../wiring/small-lake.fixture.ts';

const HEADER = 'customer_id,purchase_id,purchase_date,amount,currency\n';
const FILES = {
  'a/2026/01/29/a.csv': `${HEADER}1,p1,28/01/2026,1,AUD\n1,p2,2026-01-28,none,AUD\n`,
  'b/2026/01/29/b.csv': `${HEADER}2,q1,2026-01-28,1,AUD\n`,
};
const sources = (dateFormats: string[]) => ({
  sources: [
    { name: 'a', match: 'a/**', dateFormats },
    { name: 'b', match: 'b/**' },
  ],
});

/** Every file below the lake and its content. */
async function contents({ folder }: SmallLake): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)),
  );
}

test('a plan with rows counts what corrected rules accept, and writes nothing into the lake', async () => {
  await using lake = await smallLake(FILES, sources([]));
  await lake.make();
  await lake.configure(sources(['dd/MM/yyyy']));
  await lake.write({ 'b/2026/01/30/new.csv': `${HEADER}2,q2,2026-01-28,,AUD\n` });
  const before = await contents(lake);
  const { code, stdout } = await lake.cli('plan', '--rows', '--json');
  expect(code).toBe(0);
  expect(await contents(lake)).toEqual(before);
  const plan = JSON.parse(stdout) as LakePlan;
  expect(plan.unchanged).toBe(1);
  expect(plan.trial).toEqual({
    before: {
      read: 2,
      good: 0,
      quarantined: 2,
      erased: 0,
      reasons: { amount_invalid: 1, purchase_date_invalid: 1 },
      refused: 0,
    },
    after: {
      read: 3,
      good: 1,
      quarantined: 2,
      erased: 0,
      reasons: { amount_invalid: 1, amount_missing: 1 },
      refused: 0,
    },
    objects: [
      {
        key: 'a/2026/01/29/a.csv',
        change: 'remade',
        before: {
          read: 2,
          good: 0,
          quarantined: 2,
          erased: 0,
          reasons: { amount_invalid: 1, purchase_date_invalid: 1 },
          refused: 0,
        },
        after: {
          read: 2,
          good: 1,
          quarantined: 1,
          erased: 0,
          reasons: { amount_invalid: 1 },
          refused: 0,
        },
        message: null,
      },
      {
        key: 'b/2026/01/30/new.csv',
        change: 'added',
        before: { read: 0, good: 0, quarantined: 0, erased: 0, reasons: {}, refused: 0 },
        after: {
          read: 1,
          good: 0,
          quarantined: 1,
          erased: 0,
          reasons: { amount_missing: 1 },
          refused: 0,
        },
        message: null,
      },
    ],
  });
  const text = (await lake.cli('plan', '--rows')).stdout;
  expect(text).toMatch(/ {2}purchase_date_invalid +1 +0 +-1\n/);
  expect(text).toMatch(/not rejected +0 +1 +\+1\n/);
});

test('a plan without rows reads no object', async () => {
  await using lake = await smallLake(FILES, sources([]));
  const plan = JSON.parse((await lake.cli('plan', '--json')).stdout) as LakePlan;
  expect(plan.objects.map(({ change }) => change)).toEqual(['added', 'added']);
  expect(plan).not.toHaveProperty('trial');
});

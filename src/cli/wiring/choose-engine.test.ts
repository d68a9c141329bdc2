import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { smallLake } from './small-lake.fixture.ts';

const FILES = {
  '2026/01/29/a.csv':
    'customer_id,purchase_id,purchase_date,amount,currency\n1,p1,2026-01-28,1,AUD\n',
};

test("a run with --profiles keeps DuckDB's profile of every statement by state and lane", async () => {
  await using lake = await smallLake(FILES);
  const { code, stderr } = await lake.cli('run', '--quiet', '--profiles', 'profiles');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const names = await readdir(join(lake.folder, '..', 'profiles'), { recursive: true });
  const states = names
    .filter((name) => name.endsWith('0001.json'))
    .map((name) => name.replace(/-\w{12}/, '').replaceAll('\\', '/'));
  expect(states.toSorted()).toEqual([
    'BronzeToSilver/lane-0/0001.json',
    'GoldToRds/0001.json',
    'SilverToGold/0001.json',
  ]);
});

test('Spark has no profiles: asking for both is wrong usage', async () => {
  await using lake = await smallLake(FILES);
  const { code, stderr } = await lake.cli('run', '--engine', 'spark', '--profiles', 'profiles');
  expect(code).toBe(2);
  expect(stderr).toContain('--profiles works only with');
});

import { afterAll, beforeAll, expect, test } from 'vitest';

import expected from '../../../samples/expected.json' with { type: 'json' };

import type { Explained } from './explain-lake.ts';
import { smallLake, type SmallLake } from '../wiring/small-lake.fixture.ts';

let lake: SmallLake;
beforeAll(async () => {
  lake = await smallLake({}, { fx: {} });
  await lake.cli('run', '--samples', '--quiet', '--json');
});
afterAll(() => lake[Symbol.asyncDispose]());

async function explained(...argv: string[]): Promise<Explained> {
  const { stdout, stderr } = await lake.cli('explain', '--json', ...argv);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Explained;
}

test('the purchases of every sample customer make the row that is expected', async () => {
  for (const { customer_id, ...row } of expected.gold)
    expect(await explained(String(customer_id), '--no-serving')).toMatchObject(row);
});

test('the row of the serving table is shown next to gold', async () => {
  const { serving } = await explained('1008');
  expect(serving).toEqual({
    state: 'equal',
    seq: 1,
    row: {
      full_name: 'Wei Zhang',
      email: 'wei.zhang@example.com',
      total_spent_aud: '4230.50',
      first_purchase_date: '2026-09-28',
      last_purchase_date: '2026-10-05',
    },
  });
});

test('a serving table at an older commit is reported as such, not as different', async () => {
  await lake.write({
    'shop/2026/10/15/late.csv':
      'customer_id,purchase_id,purchase_date,amount,currency\n1008,late,2026-10-14,1,AUD\n',
  });
  await lake.make();
  const { serving, total_spent_aud } = await explained('1008');
  expect(total_spent_aud).toBe('4231.50');
  expect(serving).toMatchObject({ state: 'other_seq', seq: 1 });
  const { stdout } = await lake.cli('explain', '1008');
  expect(stdout).toContain('4,230.50 AUD at seq 1, while gold is at seq 2');
});

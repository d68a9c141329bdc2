import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Explained } from './explain-lake.ts';
import { type Files, smallLake, type SmallLake } from '../wiring/small-lake.fixture.ts';

const HEADER =
  'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency,changed,status\n';
const MAPPED = {
  sources: [
    {
      name: 'shop',
      match: '**',
      fields: {
        updated_at: 'changed',
        operation: { column: 'status', deletes: ['cancelled'] },
      },
    },
  ],
};

async function explained(lake: SmallLake, ...argv: string[]): Promise<Explained> {
  const { code, stdout, stderr } = await lake.cli('explain', ...argv, '--json', '--no-serving');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Explained;
}

const mapped: Files = {
  '2026/01/29/a.csv': `${HEADER}1,Ann,Lee,ann@example.com,p1,2026-01-28,10.00,EUR,2026-01-28T10:00Z,
1,Ann,Lee,ann@example.com,p2,2026-01-28,5.005,AUD,2026-01-28T10:00Z,
1,Ann,Lee,ann@example.com,p3,2026-01-28,7.00,AUD,,
1,Ann,Lee,ann@example.com,p4,2026-01-28,9.00,AUD,,
1,Ann,Lee,ann@example.com,p5,2026-01-28,lots,AUD,,
2,Bob,,,q1,2026-01-28,1.00,AUD,,
`,
  '2026/01/30/b.csv': `${HEADER}1,Ann,Lee,ann@example.com,p1,2026-01-28,99.00,EUR,2026-01-27T10:00Z,
1,Ann,Lee,ann@example.com,p2,2026-01-28,5.005,AUD,2026-01-28T10:00Z,
,,,,p3,,,,,Cancelled
7,Ann,Lee,ann@example.com,p4,2026-01-28,9.00,AUD,,
1,Anna,Lee,,p6,2026-01-29,-2.00,AUD,,
`,
};

let shop: SmallLake;
beforeAll(async () => {
  shop = await smallLake(mapped, MAPPED);
  await shop.make();
});
afterAll(() => shop[Symbol.asyncDispose]());

test('every purchase that counts has its rate, its place and the versions that it superseded', async () => {
  const found = await explained(shop, '1');
  expect(found.purchases.map(({ purchase_id }) => purchase_id)).toEqual(['p1', 'p2', 'p6']);
  expect(found.purchases[0]).toMatchObject({
    source: 'shop',
    amount: '10.0000',
    currency: 'EUR',
    rate: '1.700000000000',
    rate_date: '2026-01-28',
    amount_aud: '17.00',
    object_key: '2026/01/29/a.csv',
    row_number: 1,
    lines: 1,
    versions: [
      {
        fate: 'superseded',
        amount: '99.0000',
        object_key: '2026/01/30/b.csv',
        row_number: 1,
        why: 'updated_at 2026-01-27T10:00:00Z is older than 2026-01-28T10:00:00Z',
      },
    ],
  });
  expect(found.purchases[1]?.versions).toMatchObject([
    { fate: 'duplicate', row_number: 2, why: 'arrived 2026-01-29, before 2026-01-30' },
  ]);
});

test('the parts sum to the total, and what does not count is listed separately', async () => {
  const found = await explained(shop, '1');
  expect(found.purchases.map(({ amount_aud }) => amount_aud)).toEqual(['17.00', '5.01', '-2.00']);
  expect(found).toMatchObject({
    total_spent_aud: '20.01',
    purchase_count: 2,
    first_purchase_date: '2026-01-28',
    last_purchase_date: '2026-01-28',
    gold_seq: 1,
    in_gold: true,
    full_name: 'Anna Lee',
    full_name_from: { source: 'shop', purchase_id: 'p6' },
    email: 'ann@example.com',
    email_from: { source: 'shop', purchase_id: 'p2' },
    deleted: [{ purchase_id: 'p3', object_key: '2026/01/30/b.csv', row_number: 3 }],
    moved: [{ purchase_id: 'p4', customer_id: 7, versions: [{ customer_id: 1 }] }],
    refused: [{ object_key: '2026/01/29/a.csv', row_number: 5, reasons: ['amount_invalid'] }],
  });
  expect(found.refused[0]?.raw).toContain('lots');
});

test('a purchase that came from another customer counts for the newest one alone', async () => {
  const found = await explained(shop, '7');
  expect(found.total_spent_aud).toBe('9.00');
  expect(found.purchases[0]?.versions[0]).toMatchObject({ customer_id: 1, fate: 'superseded' });
  const { stdout } = await shop.cli('explain', '1', '--no-serving');
  expect(stdout).toMatch(/Moved to another customer\n.*\n.*\np4 .*now customer 7/);
});

test('the lines of an order are one purchase with their number', async () => {
  const rows = 'customer_id,purchase_id,purchase_date,amount,currency\n';
  await using lake = await smallLake(
    {
      '2026/01/29/a.csv': `${rows}3,o1,2026-01-28,1.50,AUD\n3,o2,2026-01-28,4,AUD\n3,o1,2026-01-28,2.25,AUD\n`,
      '2026/01/30/b.csv': `${rows}3,o2,2026-01-28,6,AUD\n3,o2,2026-01-28,1,AUD\n`,
    },
    { sources: [{ name: 'till', match: '**', rows: 'lines' }] },
  );
  await lake.make();
  const found = await explained(lake, '3');
  expect(found.total_spent_aud).toBe('10.75');
  expect(found.purchases).toMatchObject([
    { purchase_id: 'o1', amount: '3.7500', row_number: 1, lines: 2, versions: [] },
    {
      purchase_id: 'o2',
      amount: '7.0000',
      row_number: 1,
      lines: 2,
      versions: [{ amount: '4.0000', row_number: 2, lines: 1 }],
    },
  ]);
  const { stdout } = await lake.cli('explain', '3', '--no-serving');
  expect(stdout).toContain('1 (2 lines)');
});

const KEYED = {
  sources: [{ name: 'web', match: '**', fields: { customer_key: 'customer_id' } }],
};

test('a customer is found by its key in any letter case, by its integer, and by its e-mail address', async () => {
  const rows = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency\n';
  await using lake = await smallLake(
    {
      '2026/01/29/a.csv': `${rows}42,Zoe,,zoe@example.com,k1,2026-01-28,1,AUD\nCUS_9X,Ann,,ann@example.com,k2,2026-01-28,2,AUD\ncus_9x,Ann,,,k3,2026-01-28,none,AUD\n`,
    },
    KEYED,
  );
  await lake.make();
  const byKey = await explained(lake, 'cus_9X');
  expect(byKey).toMatchObject({
    customer_id: 1_000_000_002,
    customer_keys: ['cus_9x'],
    total_spent_aud: '2.00',
    refused: [{ row_number: 3, reasons: ['amount_invalid'] }],
  });
  expect(await explained(lake, '1000000002')).toEqual(byKey);
  expect(await explained(lake, 'Ann@Example.com')).toEqual(byKey);
  expect(await explained(lake, '--key', '42')).toMatchObject({ customer_id: 1_000_000_001 });
});

test('for an unknown customer the message shows whether rejected rows name them', async () => {
  const rows = 'customer_id,purchase_id,purchase_date,amount,currency\n';
  await using lake = await smallLake({
    '2026/01/29/a.csv': `${rows}5,p1,2026-01-28,none,AUD\n6,p2,2026-01-28,1,AUD\n`,
  });
  await lake.make();
  const refused = await lake.cli('explain', '5');
  expect(refused.code).toBe(1);
  expect(refused.stdout).toBe('');
  expect(refused.stderr).toContain(
    'but 1 rejected row names it: 2026/01/29/a.csv row 1 (amount_invalid)',
  );
  const unknown = await lake.cli('explain', '8');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('Customer 8 has no purchase in this lake as of seq 1');
  expect((await lake.cli('explain')).code).toBe(2);
});

test('an address that several customers gave is no answer', async () => {
  const rows = 'customer_id,email,purchase_id,purchase_date,amount,currency\n';
  await using lake = await smallLake({
    '2026/01/29/a.csv': `${rows}5,a@example.com,p1,2026-01-28,1,AUD\n6,a@example.com,p2,2026-01-28,1,AUD\n`,
  });
  await lake.make();
  const { code, stderr } = await lake.cli('explain', 'a@example.com');
  expect(code).toBe(1);
  expect(stderr).toContain('customers 5, 6');
});

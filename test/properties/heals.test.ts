import { expect, test } from 'vitest';
import { type Files, type SmallLake, smallLake } from '../../src/cli/wiring/small-lake.fixture.ts';
import type { ConfigInput } from '../../src/config/shape/shape.ts';

const HEADER = 'customer_id,purchase_id,purchase_date,amount,currency\n';
const OTHERS: Files = {
  'other/2026/01/29/a.csv': `${HEADER}1,o1,2026-01-28,5,AUD\n2,o2,2026-01-28,7,EUR\n9,o3,2026-01-28,none,AUD\n`,
  'other/2026/01/30/b.csv': `${HEADER}1,o1,2026-01-29,6,AUD\n`,
};
const OTHER = { name: 'other', match: 'other/**' };

type Quarantined = {
  what: string;
  files: Files;
  before: ConfigInput;
  after: ConfigInput;
  rates?: string;
  reason: string;
  readAgain: string[];
};

const shop = (entry: object): ConfigInput => ({
  sources: [{ name: 'shop', match: 'shop/**', ...entry }, OTHER],
});

const QUARANTINED: Quarantined[] = [
  {
    what: 'dates in a format that was not declared',
    files: {
      'shop/2026/01/29/a.csv': `${HEADER}1,s1,28/01/2026,1.50,AUD\n3,s2,2026-01-28,2,AUD\n`,
      'shop/2026/01/30/b.csv': `${HEADER}3,s2,29/01/2026,9,AUD\n`,
    },
    before: shop({}),
    after: shop({ dateFormats: ['dd/MM/yyyy'] }),
    reason: 'purchase_date_invalid',
    readAgain: ['shop/2026/01/29/a.csv', 'shop/2026/01/30/b.csv'],
  },
  {
    what: 'an amount with a decimal comma that was not declared',
    files: { 'shop/2026/01/29/a.csv': `${HEADER}1,s1,2026-01-28,"1.234,50",AUD\n` },
    before: shop({}),
    after: shop({ format: { decimal: ',', thousands: '.' } }),
    reason: 'amount_invalid',
    readAgain: ['shop/2026/01/29/a.csv'],
  },
  {
    what: 'a currency without a rate',
    files: {
      'shop/2026/01/29/a.csv': `${HEADER}1,s1,2026-01-28,10,NZD\n`,
      'shop/2026/01/30/b.csv': `${HEADER}3,s2,2026-01-28,10,USD\n`,
    },
    before: shop({}),
    after: shop({}),
    rates:
      'currency,rate_date,rate_aud\nEUR,2026-01-28,1.7\nUSD,2026-01-28,1.5\nNZD,2026-01-28,0.9\n',
    reason: 'fx_rate_missing',
    readAgain: ['shop/2026/01/29/a.csv'],
  },
  {
    what: 'columns that no field was mapped to',
    files: {
      'shop/2026/01/29/a.csv': 'Kunde,Beleg,Tag,Summe\n1,s1,2026-01-28,3\n4,s2,2026-01-28,4\n',
    },
    before: shop({}),
    after: shop({
      defaultCurrency: 'EUR',
      fields: { customer_id: 'Kunde', purchase_id: 'Beleg', purchase_date: 'Tag', amount: 'Summe' },
    }),
    reason: 'schema_mismatch',
    readAgain: ['shop/2026/01/29/a.csv'],
  },
  {
    what: 'objects that fitted no source',
    files: { 'shop/2026/01/29/a.csv': `${HEADER}4,s1,2026-01-28,3,AUD\n` },
    before: { sources: [OTHER] },
    after: shop({}),
    reason: 'no_source',
    readAgain: ['shop/2026/01/29/a.csv'],
  },
];

/** The content of the lake, without timestamps and run ids. */
async function seen(lake: SmallLake): Promise<unknown[]> {
  const questions = [
    'select * from gold order by customer_id',
    'select * from silver order by object_key, row_number',
    'select * from quarantine order by object_key, row_number',
    'select object_key, source, rows_read, quarantined, refused, reasons from objects order by object_key',
  ];
  const answers: unknown[] = [];
  for (const question of questions)
    answers.push(JSON.parse((await lake.cli('query', question, '--json')).stdout));
  return answers;
}

async function reasons(lake: SmallLake): Promise<string[]> {
  const { stdout } = await lake.cli('quarantine', '--object', 'shop/**', '--json');
  return Object.keys((JSON.parse(stdout) as { reasons: object }).reasons);
}

test.each(QUARANTINED)(
  '$what are quarantined, and return once the cause is fixed: only those objects are read again',
  async ({ files, before, after, rates, reason, readAgain }) => {
    await using lake = await smallLake({ ...OTHERS, ...files }, before);
    await lake.make();
    expect(await reasons(lake)).toEqual([reason]);
    await lake.configure(after);
    if (rates !== undefined) await lake.rates(rates);
    const { read, unchanged } = await lake.make();
    expect(read).toEqual(Object.fromEntries(readAgain.map((key) => [key, 'remade'])));
    expect(unchanged).toBe(Object.keys({ ...OTHERS, ...files }).length - readAgain.length);
    expect(await reasons(lake)).toEqual([]);
    await using rebuilt = await smallLake({ ...OTHERS, ...files }, after);
    if (rates !== undefined) await rebuilt.rates(rates);
    await rebuilt.make();
    expect(await seen(lake)).toEqual(await seen(rebuilt));
  },
);

test('a file that is fixed in place replaces its rows, and its rejected rows return', async () => {
  const files = { ...OTHERS, 'shop/2026/01/29/a.csv': `${HEADER}1,s1,2026-01-28,none,AUD\n` };
  await using lake = await smallLake(files, shop({}));
  await lake.make();
  const fixed = {
    content: `${HEADER}1,s1,2026-01-28,2,AUD\n`,
    modified: 1_769_900_000,
  };
  await lake.write({ 'shop/2026/01/29/a.csv': fixed });
  expect(await lake.make()).toEqual({
    read: { 'shop/2026/01/29/a.csv': 'replaced' },
    unchanged: 2,
  });
  await using rebuilt = await smallLake({ ...files, 'shop/2026/01/29/a.csv': fixed }, shop({}));
  await rebuilt.make();
  expect(await seen(lake)).toEqual(await seen(rebuilt));
});

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, expect, test, vi } from 'vitest';

import type { Certificate, ErasePlan } from '../../src/lake/erase/erase.ts';
import type { LakePlan } from '../../src/cli/run/plan-lake.ts';
import { changesPrefix } from '../../src/lake/layout.ts';
import type { RunReport } from '../../src/lake/run/report.ts';
import { type Answer, document, purchases } from '../support/cli.ts';
import { listing, putBronze, sharedFolder } from '../support/folders.ts';
import { remains } from '../support/remains.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

type Row = Record<string, string | null>;

const ID = '77110042';
const WORDS = [ID, '1000000001', 'zoe.muller@', 'Zoë', 'Müller', 'Mueller'];
const HEAD = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const zoe = (purchase: string, amount: string): string =>
  `${ID},Zoë,Müller,zoe.muller@example.com,${purchase},2026-10-01,${amount},AUD`;
const ann = (purchase: string, amount: string): string =>
  `2,Ann,Lee,ann@example.com,${purchase},2026-10-02,${amount},AUD`;

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const orders = `${HEAD}\r\n${ann('A-1', '"1,0"')}\r\n${zoe('Z-1', '10')}\r\n\r\n"2","Ann ""A"", the 1st","Lee",ann@example.com,A-2,2026-10-02,5.5,AUD\r\n"${ID}","Zoë\r\nMaria","Müller","zoe.muller@example.com",Z-2,2026-10-01,7,AUD\r\n${ID},Zoë\r\n,,Müller,zoe.muller@example.com,Z-3,2026-10-03,1,AUD\r\n${ann('A-3', '2')}`;

const BRONZE: Record<string, string | Buffer> = {
  'shop/2026-10-01/orders.csv': orders,
  'shop/2026-10-02/more.csv.gz': gzipSync(`${HEAD}\n${zoe('Z-4', '3')}\n${ann('A-4', '4')}\n`),
  'shop/2026-10-02/app.json': JSON.stringify([
    {
      customer_id: 2,
      first_name: 'Ann',
      purchase_id: 'A-5',
      purchase_date: '2026-10-02',
      amount: 1.1,
      currency: 'AUD',
    },
    {
      customer_id: Number(ID),
      email: 'zoe.muller@example.com',
      purchase_id: 'Z-5',
      purchase_date: '2026-10-02',
      amount: 9,
      currency: 'AUD',
    },
  ]),
  'shop/2026-10-03/feed.ndjson': `{"customer_id": "${ID}.0", "last_name": "Mueller", "purchase_id": "Z-6", "purchase_date": "2026-10-03", "amount": 1e1, "currency": "AUD"}\n{"customer_id": 3, "purchase_id": "B-1", "purchase_date": "2026-10-03", "amount": 12.340, "currency": "AUD"}\n{broken\n`,
  'shop/2026-10-03/wide.csv': utf16(`${HEAD}\n${zoe('Z-7', '8')}\n${ann('A-6', '1')}\n`),
  // A purchase that was Ann's and then turned out to be Zoë's: without the newer row the older one
  // must not count again.
  'shop/2026-10-04/moved.csv': `${HEAD}\n${ann('M-1', '100')}\n${ann('A-7', '6')}\n`,
  'shop/2026-10-05/moved.csv': `${HEAD}\n${zoe('M-1', '100')}\n`,
  'old/2026-10-01/export.csv': Buffer.from(
    `${HEAD}\n${zoe('Z-8', '4')}\n4,Zo\u00eb,Other,other@example.com,C-1,2026-10-01,3,AUD\n`.replace(
      'Zo\u00eb,Other',
      'J\u00f6rg,Other',
    ),
    'latin1',
  ),
  // Without purchase ids: the two files differ in Zoë's row alone, and both of Ann's purchases
  // count.
  'till/2026-10-01/a.csv': `customer_id,email,amount,purchase_date\n${ID},zoe.muller@example.com,1,2026-10-01\n2,ann@example.com,50,2026-10-01\n`,
  'till/2026-10-02/b.csv': `customer_id,email,amount,purchase_date\n${ID},zoe.muller@example.com,2,2026-10-01\n2,ann@example.com,50,2026-10-01\n`,
  // Purchases with several lines: Zoë's own, Ann's with a line that names Zoë, and one in which
  // only a later line names Zoë.
  'lines/2026-10-01/lines.csv': `${HEAD}\n${zoe('L-1', '1')}\n,,,,L-1,,2,\n${ann('L-2', '3')}\n${ID},Zoë,Müller,zoe.muller@example.com,L-2,,4,AUD\n`,
  'lines/2026-10-02/lines.json': `[{"customer_id": 2, "first_name": "Ann", "purchase_id": "L-3", "purchase_date": "2026-10-02", "amount": 1.0, "currency": "AUD"}, {"customer_id": ${ID}, "first_name": "Zo\u00eb", "purchase_id": "L-3", "amount": 2.50}]`,
  'keys/2026-10-01/k.csv': `who,purchase_id,purchase_date,amount,currency\nzoe.muller@example.net,K-1,2026-10-01,1,AUD\nbob@example.net,K-2,2026-10-01,2,AUD\n`,
};
const SOURCES = {
  sources: [
    { name: 'old', match: 'old/**', format: { encoding: 'latin1' } },
    { name: 'till', match: 'till/**', defaultCurrency: 'AUD', fields: { purchase_id: null } },
    { name: 'lines', match: 'lines/**', rows: 'lines' },
    { name: 'keys', match: 'keys/**', fields: { customer_key: 'who' } },
    { name: 'shop', match: 'shop/**' },
  ],
};
const REFUSED = `${HEAD}\n${ID},Zoë,Müller,zoe.muller@example.com,Z-9,never,1,AUD\nx,Zoe,M,zoe.muller@example.com,Z-10,2026-10-06,1,AUD\n${ID},zoe.muller@example.com,short\n5,Eve,Long,eve@example.com,E-1,2026-10-06,2,AUD\n5,Eve,short\n`;

const at = sharedFolder();
const lake = (): string => join(at.folder, 'lake');
const command = (...argv: string[]): Promise<Answer> => purchases({ cwd: at.folder }, ...argv);
const rows = async (sql: string, ...flags: string[]): Promise<Row[]> =>
  document(await command('query', sql, '--json', ...flags)) as Row[];

const KEY = 'zoe.muller@example.net';
const OTHERS = [
  `select 'gold' as layer, cast(to_json(g) as varchar) as row from gold g where customer_id not in (${ID}, 1000000001)`,
  `select 'gold_history', cast(to_json(g) as varchar) from (select * exclude (seq) from gold_history) g where customer_id not in (${ID}, 1000000001)`,
  `select 'silver', cast(to_json(s) as varchar) from (select * exclude (row_number) replace (case when source <> 'till' then purchase_id end as purchase_id) from silver where purchase_id <> 'M-1') s where customer_id not in (${ID}, 1000000001)`,
  `select 'quarantine', cast(to_json(q) as varchar) from (select object_key, reasons, raw from quarantine where not contains(raw, '${ID}') and not contains(raw, 'zoe.muller')) q`,
];
const others = (): Promise<Row[]> => rows(`${OTHERS.join(' union all ')} order by all`);
const served = (): Promise<Row[]> =>
  rows(
    `select * from customer_purchase_summary where customer_id not in (${ID}, 1000000001) order by customer_id`,
    '--warehouse-db',
  );

let before: Row[];
let servedBefore: Row[];
/**
 * The first line of a row of Zoë's that was broken in two: it holds the number and half of a name,
 * and no rule can read it.
 */
const HALF = 'shop/2026-10-01/orders.csv:5';
let dryRun: ErasePlan;
let erased: Certificate & { erased: boolean };

beforeAll(async () => {
  await writeFile(join(at.folder, 'purchases.config.json'), JSON.stringify(SOURCES));
  for (const [key, content] of Object.entries(BRONZE)) await putBronze(lake(), key, content);
  document(await command('run', '--json', '-q'));
  await putBronze(lake(), 'shop/2026-10-06/refused.csv', REFUSED);
  document(await command('run', '--json', '-q'));
  // The state after a run that was killed before its load was staged.
  const rowsOfKilledRun = join(lake(), changesPrefix('killed'), 'former.parquet');
  await mkdir(dirname(rowsOfKilledRun), { recursive: true });
  await writeFile(rowsOfKilledRun, 'zoe.muller@example.com');
  before = await others();
  servedBefore = await served();
  await command('erase', KEY, '--yes');
  dryRun = document(await command('erase', ID, '--dry-run', '--json')) as ErasePlan;
  erased = document(await command('erase', ID, '--yes', '--json', '--also', HALF)) as typeof erased;
});

test('an erasure needs confirmation, and a dry run changes nothing', async () => {
  expect(await command('erase', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching('--yes'),
  });
  const state = await listing(lake(), ['_lock/', '_warehouse/']);
  const plan = document(await command('erase', '2', '--dry-run', '--json'));
  expect(plan).toMatchObject({ dry_run: true, customer: 2 });
  expect(await listing(lake(), ['_lock/', '_warehouse/'])).toEqual(state);
});

test('a row that only may concern the person is listed with its reason, and is erased when it is selected', () => {
  expect(dryRun.unsure).toEqual([
    { object: 'shop/2026-10-01/orders.csv', row: 5, why: 'number', raw: `${ID},Zoë` },
  ]);
  expect(erased.left).toEqual([]);
});

test('no byte below the lake names the person', async () => {
  expect(await remains(lake(), WORDS)).toEqual([]);
});

test('the cells of all others are unchanged in silver, quarantine, gold of every day and the serving table', async () => {
  expect(await others()).toEqual(before);
  expect(await served()).toEqual(servedBefore);
});

test('nothing is left to erase, and a second erasure writes nothing', async () => {
  const state = await listing(lake(), ['_lock/', '_warehouse/']);
  expect(document(await command('erase', ID, '--yes', '--json'))).toEqual({ erased: false });
  expect(await listing(lake(), ['_lock/', '_warehouse/'])).toEqual(state);
});

test('a rewritten object keeps its encoding, quotes, line ends, compression and time', async () => {
  const path = (key: string): string => join(lake(), 'bronze', key);
  const text = (await readFile(path('shop/2026-10-01/orders.csv'))).toString();
  expect(text).toBe(
    `${HEAD}\r\n${ann('A-1', '"1,0"')}\r\n\r\n"2","Ann ""A"", the 1st","Lee",ann@example.com,A-2,2026-10-02,5.5,AUD\r\n${ann('A-3', '2')}`,
  );
  expect(gunzipSync(await readFile(path('shop/2026-10-02/more.csv.gz'))).toString()).toBe(
    `${HEAD}\n${ann('A-4', '4')}\n`,
  );
  expect(await readFile(path('shop/2026-10-03/wide.csv'))).toEqual(
    utf16(`${HEAD}\n${ann('A-6', '1')}\n`),
  );
  expect((await readFile(path('old/2026-10-01/export.csv'))).toString('latin1')).toContain('Jörg');
  expect((await readFile(path('lines/2026-10-02/lines.json'))).toString()).toContain(
    '{"customer_id": null, "first_name": null, "purchase_id": "L-3", "amount": 2.50}',
  );
  expect((await stat(path('shop/2026-10-01/orders.csv'))).mtime.toISOString()).toBe(
    '2026-10-20T00:00:00.000Z',
  );
});

test('the certificate lists what was rewritten and names no person', async () => {
  expect(erased).toMatchObject({ erased: true, table: { deleted: 1 }, not_searched: [] });
  expect(erased.objects.map(({ object }) => object)).toEqual(
    expect.arrayContaining([
      'shop/2026-10-01/orders.csv',
      'lines/2026-10-01/lines.csv',
      'shop/2026-10-06/refused.csv',
    ]),
  );
  const folder = join(lake(), '_ledger/certificates');
  const texts = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'));
  const { erased: _, ...kept } = erased;
  expect((await Promise.all(texts)).map((text) => JSON.parse(text))).toContainEqual(kept);
});

test('an old file that arrives again, or new rows of the person, restore nothing', async () => {
  for (const key of [
    'shop/2026-10-01/orders.csv',
    'shop/2026-10-04/moved.csv',
    'keys/2026-10-01/k.csv',
  ])
    await putBronze(lake(), key, BRONZE[key] ?? '');
  await putBronze(lake(), 'shop/2026-10-05/copy.csv', utf16(`${HEAD}\n${zoe('Z-1', '10')}\n`));
  const sent = await listing(lake(), ['_lock/', '_warehouse/']);
  const plan = document(await command('plan', '--rows', '--json')) as LakePlan;
  expect(await listing(lake(), ['_lock/', '_warehouse/'])).toEqual(sent);
  const report = document(await command('run', '--json', '-q')) as RunReport;
  expect(report.rows.erased).toBe(plan.trial?.after.erased);
  expect(report.rows.erased).toBeGreaterThan(4);
  expect(plan.erased).toContainEqual({ object: 'shop/2026-10-05/copy.csv', rows: 1, lines: 0 });
  expect(await remains(lake(), WORDS)).toEqual([]);
  const gold = (all: Row[]): Row[] => all.filter(({ layer }) => layer === 'gold');
  expect(gold(await others())).toEqual(gold(before));
  expect(await command('verify')).toMatchObject({ code: 0 });
});

test('a person whom the lake does not know is not erased', async () => {
  expect(await command('erase', '123123', '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching('CustomerUnknown'),
  });
});

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import type { Certificate } from '../../src/lake/erase/erase.ts';
import { type Answer, document, purchases } from '../support/cli.ts';
import { putBronze, sharedFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

type Row = Record<string, string | null>;

const HEAD = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const row = (id: number, purchase: string, amount: string, currency = 'AUD'): string =>
  `${id},Name${id},Lee,n${id}@example.com,${purchase},2026-01-05,${amount},${currency}`;
const csv = (...rows: string[]): string => `${[HEAD, ...rows].join('\n')}\n`;
const DAY = '2026/01/05';
const TOTALS = 'select customer_id, total_spent_aud from gold order by customer_id';

const at = sharedFolder();

describe('a file whose name is a pattern', () => {
  const command = (...argv: string[]): Promise<Answer> => purchases({ cwd: at.folder }, ...argv);
  const rows = async (sql: string, ...flags: string[]): Promise<Row[]> =>
    document(await command('query', sql, '--json', ...flags)) as Row[];
  // Each is next to a file that it would match, with as many rows, some of them quoted; also in
  // folders named like a column.
  const FILES: Record<string, string> = {
    [`${DAY}/orders1.csv`]: csv(row(1, 'p1', '10')),
    [`${DAY}/orders[1].csv`]: csv(row(2, 'p2', '500')),
    [`${DAY}/*.csv`]: csv(row(3, 'p3', '30')),
    [`${DAY}/order?1.csv`]: csv(row(4, 'p4', '40')),
    [`${DAY}/quoted1.csv`]: csv(row(5, 'p5', '"50"')),
    [`${DAY}/quoted[1].csv`]: csv(row(6, 'p6', '"60"')),
    'raw=5/2026-01-05/a.csv': csv(row(7, 'p7', '70')),
    'filename=7/2026-01-05/b.csv': csv(row(8, 'p8', '80')),
  };

  beforeAll(async () => {
    for (const [key, text] of Object.entries(FILES))
      await putBronze(join(at.folder, 'lake'), key, text);
    document(await command('run', '--json'));
  });

  test('is read as itself', async () => {
    expect((await rows(TOTALS)).map((one) => Object.values(one).join(' '))).toEqual([
      '1 10.00',
      '2 500.00',
      '3 30.00',
      '4 40.00',
      '5 50.00',
      '6 60.00',
      '7 70.00',
      '8 80.00',
    ]);
    const keys = await rows('select object_key from silver order by purchase_id');
    expect(keys.map(({ object_key }) => object_key)).toEqual(Object.keys(FILES));
    expect((await command('verify')).code).toBe(0);
  });

  test('is explained, and only its person is erased', async () => {
    const shown = await command('explain', '2');
    expect(shown.stdout).toContain('orders[1].csv');
    const done = document(await command('erase', '2', '--yes', '--json')) as Certificate;
    expect(done.objects).toEqual([{ object: `${DAY}/orders[1].csv`, rows: 1, lines: 0 }]);
    expect(await rows('select count(*) as n from silver where customer_id = 2')).toEqual([
      { n: '0' },
    ]);
    expect(await rows('select count(*) as n from gold')).toEqual([{ n: '7' }]);
    expect((await command('verify')).code).toBe(0);
  });
});

// The second of each pair is matched by the first, or looks the same to a reader that splits names.
const PLACES = [
  ['shop[1]', 'shop1'],
  ['a*b? {x,y} it\'s "q" \\ back\n#%41 🛒', 'aXbY {x,y} it\'s "q" \\ back\n#%41 🛒'],
  ['raw=5/total=1/customer_id=7', 'raw=6/total=2/customer_id=8'],
] as const;

describe.each(PLACES)('a lake in %j', (place, twin) => {
  const here = (): string => join(at.folder, 'places', place);
  const neighbour = (): string => join(at.folder, 'places', twin);
  const command = (...argv: string[]): Promise<Answer> => purchases({ cwd: here() }, ...argv);
  const totals = async (cwd: string): Promise<Row[]> =>
    document(await purchases({ cwd }, 'query', TOTALS, '--json')) as Row[];
  const RATES = 'currency,rate_date,rate_aud\nUSD,2026-01-05,2\n';

  beforeAll(async () => {
    await mkdir(join(at.folder, 'places'), { recursive: true });
    await putBronze(join(neighbour(), 'lake'), `${DAY}/a.csv`, csv(row(1, 'p1', '999')));
    document(await purchases({ cwd: neighbour() }, 'run', '--json'));
    await putBronze(join(here(), 'lake'), `${DAY}/a.csv`, csv(row(1, 'p1', '10')));
    await putBronze(join(here(), 'lake'), `${DAY}/b.csv`, csv(row(2, 'p2', '"20"', 'USD')));
    await writeFile(join(here(), 'rates[1].csv'), RATES);
    document(await command('fx', 'import', 'rates[1].csv', '--json'));
    document(await command('run', '--json'));
  });

  test('has its own rows and its own rates, and so has the other', async () => {
    expect(await totals(here())).toEqual([
      { customer_id: '1', total_spent_aud: '10.00' },
      { customer_id: '2', total_spent_aud: '40.00' },
    ]);
    expect(await totals(neighbour())).toEqual([{ customer_id: '1', total_spent_aud: '999.00' }]);
    const parquet = await command('query', TOTALS, '--format', 'parquet');
    expect([parquet.code, parquet.bytes.subarray(0, 4).toString()]).toEqual([0, 'PAR1']);
  });

  test('is updated by increments, explained and verified', async () => {
    await putBronze(join(here(), 'lake'), '2026/01/06/c.csv', csv(row(1, 'p9', '5')));
    document(await command('run', '--json'));
    expect((await totals(here()))[0]).toMatchObject({ total_spent_aud: '15.00' });
    expect((await command('explain', '1')).stdout).toContain('15.00');
    expect((await command('history', '1')).code).toBe(0);
    expect(document(await command('verify', '--json'))).toMatchObject({
      equal: true,
      checked: { objects: 3, silver: 3, customers: 2 },
    });
  });

  test('lets a person be erased, and no other', async () => {
    document(await command('erase', '2', '--yes', '--json'));
    expect(await totals(here())).toEqual([{ customer_id: '1', total_spent_aud: '15.00' }]);
    expect((await command('verify')).code).toBe(0);
    expect(await totals(neighbour())).toEqual([{ customer_id: '1', total_spent_aud: '999.00' }]);
  });

  test('and refuses SQL that reads its bronze files directly', async () => {
    const folder = join(here(), 'lake/bronze', DAY, 'a.csv').replaceAll("'", "''");
    const answer = await command('query', `select * from read_text('${folder}')`);
    expect([answer.code, answer.stdout]).toEqual([2, '']);
  });
});

test('generate writes to, and configure reads from, paths with odd names', async () => {
  const cwd = join(at.folder, 'more[1]');
  await mkdir(join(at.folder, 'more1'), { recursive: true });
  await mkdir(cwd);
  const command = (...argv: string[]): Promise<Answer> => purchases({ cwd }, ...argv);
  const flags = ['--rows', '20', '--files', '2', '--json'];
  document(await command('generate', ...flags, '--out', 'o[1]/*'));
  document(await command('generate', ...flags, '--out', 'plain'));
  const files = async (out: string): Promise<string[]> =>
    (await readdir(join(cwd, out), { recursive: true })).toSorted();
  expect(await files('o[1]/*')).toEqual(await files('plain'));
  await writeFile(join(cwd, 'export[1].csv'), csv(row(1, 'p1', '10'), row(2, 'p2', '20')));
  await writeFile(join(cwd, 'export1.csv'), 'nothing,of,that,kind\n1,2,3,4\n');
  const result = await command('init', 'export[1].csv', '--no-input');
  expect([result.code, result.stderr]).toEqual([0, expect.any(String)]);
  await writeFile(join(cwd, 'r?.csv'), 'currency,rate_date,rate_aud\nUSD,2026-01-05,2\n');
  await putBronze(join(cwd, 'l*'), `${DAY}/a.csv`, csv(row(1, 'p1', '10', 'USD')));
  const run = ['run', '--json', '--lake', 'l*', '--fx-rates', 'r?.csv'];
  expect(document(await command(...run))).toMatchObject({ rows: { accepted: 1 } });
  expect(document(await command('query', TOTALS, '--json', '--lake', 'l*'))).toEqual([
    { customer_id: '1', total_spent_aud: '20.00' },
  ]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';

import { OBJECT_REASONS, ROW_REASONS } from '../../medallion/reasons.ts';
import { REMEDIES } from '../../medallion/remedies.ts';
import { smallLake, type SmallLake } from '../wiring/small-lake.fixture.ts';

const HEADER = 'customer_id,purchase_id,purchase_date,amount,currency\n';
const FILES = {
  '2026/01/29/a.csv': `${HEADER}1,p1,2026-01-28,none,AUD\n1,p2,2026-01-28,1,AUD\n-7,p3,2026-13-28,none,AUD\n`,
  '2026/01/30/b.csv': `${HEADER}"=cmd()",p4,2026-01-28,1,AUD\n1,+p5\u202e,2026-01-28,,AUD\n`,
  '2026/01/30/reasons.csv': 'when,who\n2026-01-28,1\n',
};

let lake: SmallLake;
beforeAll(async () => {
  lake = await smallLake(FILES);
  await lake.make();
});
afterAll(() => lake[Symbol.asyncDispose]());

type Answered = {
  rows: number;
  reasons: Record<string, { rows: number; objects: number; remedy: string }>;
  objects: { object_key: string; reason: string; message: string }[];
  refused: { object_key: string; row_number: number; reasons: string[]; raw: string }[];
};

async function asked(...argv: string[]): Promise<Answered> {
  const { code, stdout } = await lake.cli('quarantine', '--json', ...argv);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Answered;
}

test('every refused row is listed with its object, its row number, all its reasons and the row as it was read', async () => {
  const { rows, refused } = await asked();
  expect(rows).toBe(4);
  expect(
    refused.map(({ object_key, row_number, reasons }) => [object_key, row_number, reasons]),
  ).toEqual([
    ['2026/01/29/a.csv', 1, ['amount_invalid']],
    ['2026/01/29/a.csv', 3, ['purchase_date_invalid', 'amount_invalid']],
    ['2026/01/30/b.csv', 1, ['customer_id_invalid']],
    ['2026/01/30/b.csv', 2, ['amount_missing']],
  ]);
  expect(refused[0]?.raw).toBe('1,p1,2026-01-28,none,AUD');
});

test('rows and whole objects are counted by reason, with what to do about each', async () => {
  const { reasons, objects } = await asked();
  expect(Object.keys(reasons)[0]).toBe('amount_invalid');
  expect(reasons['amount_invalid']).toEqual({
    rows: 2,
    objects: 0,
    remedy: REMEDIES.amount_invalid,
  });
  expect(reasons['schema_mismatch']).toMatchObject({ rows: 0, objects: 1 });
  expect(objects).toMatchObject([
    { object_key: '2026/01/30/reasons.csv', reason: 'schema_mismatch' },
  ]);
  expect(objects[0]?.message).toContain('purchase_id');
});

test('a reason, a glob of object keys and a limit narrow the list', async () => {
  const numbers = async (...argv: string[]): Promise<string[]> =>
    (await asked(...argv)).refused.map((row) => `${row.object_key.at(-5)}${row.row_number}`);
  expect(await numbers('--reason', 'amount_invalid')).toEqual(['a1', 'a3']);
  expect(await numbers('--object', '2026/*/30/*')).toEqual(['b1', 'b2']);
  expect(await numbers('--object', '*.csv')).toEqual([]);
  expect(await numbers('--limit', '1')).toEqual(['a1']);
  const whole = await asked('--object', '**/reasons.csv');
  expect([whole.rows, whole.objects.length]).toEqual([0, 1]);
  expect((await lake.cli('quarantine', '--reason', 'amount_invald')).stderr).toContain(
    'did you mean "amount_invalid"',
  );
});

test('a spreadsheet finds no formula in the csv, and --exact gives the values as they were read', async () => {
  const csv = (await lake.cli('quarantine', '--format', 'csv')).stdout.split('\n');
  expect(csv[0]).toBe(
    'object_key,row_number,reasons,raw,purchase_id,customer_id,customer_key,source',
  );
  expect(csv.find((line) => line.includes('p5'))).toContain(",'+p5");
  expect(csv.find((line) => line.includes('p3'))).toContain(`"'-7,p3,2026-13-28,none,AUD",p3,-7,`);
  const exact = (await lake.cli('quarantine', '--format', 'csv', '--exact')).stdout;
  expect(exact).not.toContain("'");
  expect(exact).toContain('"-7,p3,2026-13-28,none,AUD",p3,-7,');
});

test('a terminal is shown no control character and no mark that turns text round', async () => {
  const { stdout } = await lake.cli('quarantine');
  expect(stdout).toContain(String.raw`+p5\u202e`);
  expect(stdout).not.toContain('\u202e');
});

test('every reason has a remedy of one line', () => {
  expect(Object.keys(REMEDIES).toSorted()).toEqual([...ROW_REASONS, ...OBJECT_REASONS].toSorted());
  for (const remedy of Object.values(REMEDIES)) expect(remedy).toMatch(/^[^\n]{20,160}\.$/);
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';

import type { RunReport } from '../../src/lake/run/report.ts';
import { ROW_REASONS } from '../../src/medallion/reasons.ts';
import { type Answer, document, purchases } from '../support/cli.ts';
import { listing, sharedFolder, testFolder } from '../support/folders.ts';
import { start } from '../support/processes.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type Row = Record<string, string | null>;
type Expected = Pick<RunReport, 'rows' | 'reasons' | 'repairs'> & {
  customers: number;
  gold: Record<string, string | number | null>[];
};

const TABLE = 'customer_purchase_summary';
const OF_ITS_OWN = ['_runs/', '_lock/', '_warehouse/'];
const TOP = 'order by total_spent_aud desc limit 5';
const SIX =
  'customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date';

const at = sharedFolder();
const run = (...flags: string[]): Promise<Answer> =>
  purchases({ cwd: at.folder }, 'run', '--samples', ...flags);
const rowsOf = async (sql: string, ...flags: string[]): Promise<Row[]> =>
  document(await purchases({ cwd: at.folder }, 'query', sql, '--json', ...flags)) as Row[];

let expected: Expected;
let first: Answer;

beforeAll(async () => {
  expected = JSON.parse(
    await readFile(new URL('../../samples/expected.json', import.meta.url), 'utf8'),
  ) as Expected;
  first = await run('--json');
});

test('the first run on the samples reports every row by its fate, reason and repair', () => {
  expect(first.code).toBe(0);
  const report = document(first) as RunReport;
  expect(report).toMatchObject({
    seq: 1,
    objects: { added: 9, replaced: 0, remade: 0, removed: 0, unchanged: 0, quarantined: 0 },
    rows: expected.rows,
    customers: { total: expected.customers, inserted: expected.customers, updated: 0, deleted: 0 },
  });
  expect(report.reasons).toEqual(expected.reasons);
  expect(report.repairs).toEqual(expected.repairs);
  expect(ROW_REASONS).toEqual(expect.arrayContaining(Object.keys(report.reasons)));
});

test('the first command of all ends well, and shows who spent most, what was refused and why, and what to try next', async () => {
  const cwd = await testFolder();
  const { code, stdout, stderr } = await start(cwd, 'run', '--samples', '--lake', 'a lake').ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain('95 read = 47 accepted + 15 duplicate + 7 superseded');
  expect(stdout).toMatch(/^ +1008  Wei Zhang +wei\.zhang@example\.com +4,230\.50  2026-09-28/m);
  for (const [reason, count] of Object.entries(expected.reasons))
    expect(stdout).toMatch(new RegExp(`^${reason} +${count}$`, 'm'));
  expect(stdout).toContain('Cleanups in accepted rows: 3 email_invalid, 2 name_repaired');
  expect(stdout).toMatch(/^Next {2}purchases /m);
  expect(stderr).toMatch(
    /Plan[^]*BronzeToSilver[^]*SilverToGold[^]*Commit[^]*Publish[^]*GoldToRds[^]*UpsertSync/,
  );
});

test('gold is what the rules say of every customer, and the serving table equals it', async () => {
  const gold = await rowsOf('select * from gold order by customer_id');
  expect(gold).toEqual(expected.gold.map(asText));
  const table = await rowsOf(`select ${SIX} from ${TABLE} order by customer_id`, '--warehouse-db');
  expect(table).toEqual(gold.map(({ purchase_count: _, ...six }) => six));
});

test('the five who spent most are the same in gold and in the serving table', async () => {
  const top = await rowsOf(`select ${SIX} from gold ${TOP}`);
  expect(top.map(({ full_name: name, total_spent_aud: total }) => [name, total])).toEqual([
    ['Wei Zhang', '4230.50'],
    ['Oliver Papadakis; Sons', '1131.93'],
    ['Priya Raman', '605.65'],
    ["Yindi D'Arcy", '500.00'],
    ['Samir "Sam" Haddad', '412.98'],
  ]);
  expect(await rowsOf(`select ${SIX} from ${TABLE} ${TOP}`, '--warehouse-db')).toEqual(top);
});

test('every refused row is kept with its object, its row number, all its reasons and its text', async () => {
  const refused = await rowsOf(
    'select object_key, row_number, reasons, raw from quarantine order by object_key, row_number',
  );
  expect(refused).toHaveLength(expected.rows.quarantined);
  const worst = refused.find(
    ({ object_key: key, row_number: row }) => key === 'shop/2026/10/02/orders.csv' && row === '17',
  );
  expect(worst?.['reasons']?.split(/[^a-z_]+/).filter(Boolean)).toHaveLength(4);
  expect(refused.every(({ raw }) => (raw ?? '') !== '')).toBe(true);
});

test('a second run has nothing to do, says so, and writes nothing but its own log', async () => {
  const lake = join(at.folder, 'lake');
  const before = await listing(lake, OF_ITS_OWN);
  const logs = Object.keys(await listing(join(lake, '_runs')));
  const updated = await rowsOf(`select customer_id, updated_at from ${TABLE}`, '--warehouse-db');

  const again = await run();

  expect(again.code).toBe(0);
  expect(again.stdout).toContain('Nothing to do: 9 objects are unchanged');
  expect(await listing(lake, OF_ITS_OWN)).toEqual(before);
  const newLogs = Object.keys(await listing(join(lake, '_runs'))).filter(
    (key) => !logs.includes(key),
  );
  expect(newLogs).toEqual([expect.stringMatching(/^[^/]+\/run\.json$/)]);
  expect(await rowsOf(`select customer_id, updated_at from ${TABLE}`, '--warehouse-db')).toEqual(
    updated,
  );
});

const asText = (row: Record<string, string | number | null>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  );

import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

import type { RunReport } from '../../src/lake/run/report.ts';
import { document, purchases } from '../support/cli.ts';
import { testFolder } from '../support/folders.ts';

type Way = Pick<RunReport, 'rows' | 'reasons'> & {
  customers: number;
  total_spent_aud: string;
  top: Record<string, string | number>[];
};

const file = process.env['PURCHASES_TEST_ONLINE_RETAIL'];
const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/online-retail/${name}`, import.meta.url));

const TOP = `select customer_id, total_spent_aud, first_purchase_date, last_purchase_date, purchase_count
  from gold order by total_spent_aud desc limit 5`;

async function expectedOf(way: 'purchases' | 'lines'): Promise<Way> {
  const text = await readFile(new URL('expected.json', import.meta.url), 'utf8');
  const { rows, reasons, customers, total_spent_aud, top } = (
    JSON.parse(text) as Record<typeof way, Way>
  )[way];
  return { rows, reasons, customers, total_spent_aud, top: top.map(asText) };
}

const asText = (row: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, String(value as string | number)]),
  );

/** The output of a run of the example; the table and gold agree in the sum of all totals. */
async function resultOf(way: 'purchases' | 'lines', config: string): Promise<Way> {
  const cwd = await testFolder();
  const lake = join(cwd, 'lake');
  const target = join(lake, 'bronze', '2011/12/10/online-retail.csv.gz');
  await mkdir(dirname(target), { recursive: true });
  await copyFile(file ?? way, target);
  const warehouse = `pglite:${lake}/_warehouse`;
  const flags = ['--config', example(config), '--lake', lake, '--warehouse', warehouse];
  const report = document(await purchases({ cwd }, 'run', '--json', ...flags)) as RunReport;
  const ask = async (sql: string, ...more: string[]): Promise<Record<string, string>[]> => {
    const rows = document(await purchases({ cwd }, 'query', sql, '--json', ...flags, ...more));
    return (rows as Record<string, unknown>[]).map(asText);
  };
  const sum = 'select sum(total_spent_aud) as total from';
  const [gold] = await ask(`${sum} gold`);
  const [table] = await ask(`${sum} customer_purchase_summary`, '--warehouse-db');
  return {
    rows: report.rows,
    reasons: report.reasons,
    customers: report.customers.total,
    total_spent_aud: gold?.['total'] === table?.['total'] ? (gold?.['total'] ?? '') : 'they differ',
    top: await ask(TOP),
  };
}

const ways =
  file === undefined
    ? []
    : ([
        ['purchases', 'purchases.config.yaml'],
        ['lines', 'purchases.lines.config.yaml'],
      ] as const);

test(`Online Retail ${file === undefined ? 'was skipped: PURCHASES_TEST_ONLINE_RETAIL names no file' : 'is read both ways'}`, () => {
  expect(ways).toHaveLength(file === undefined ? 0 : 2);
});

test.for(ways)(
  'Online Retail by %s has the independently computed totals',
  { timeout: 600_000 },
  async ([way, config]) => {
    expect(await resultOf(way, config)).toEqual(await expectedOf(way));
  },
);

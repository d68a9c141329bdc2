import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { document, purchases } from '../support/cli.ts';
import { putBronze, testFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 120_000 });

const ROWS = [
  'order,customer,day,item,shipping,currency',
  'A1,1,2026-09-01,42.00,5.99,AUD',
  'A1,1,2026-09-01,18.00,,AUD',
  'A2,2,2026-09-01,10.00,,AUD',
  'A2,2,2026-09-01,7.00,,AUD',
  'A3,3,2026-09-01,1.00,2.00,AUD',
  'A3,3,2026-09-01,,,AUD',
].join('\n');

async function lakeOf(amount: object): Promise<string> {
  const cwd = await testFolder();
  await putBronze(join(cwd, 'lake'), '2026-09-10.csv', ROWS);
  const fields = {
    customer_id: 'customer',
    purchase_id: 'order',
    purchase_date: 'day',
    amount,
  };
  await writeFile(
    join(cwd, 'purchases.config.json'),
    JSON.stringify({ sources: [{ name: 'shop', match: '**', rows: 'lines', fields }] }),
  );
  return cwd;
}

async function totals(cwd: string): Promise<string[]> {
  const { code, stderr } = await purchases({ cwd }, 'run', '-q');
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  const sql = 'select customer_id, total_spent_aud from gold order by 1';
  const { stdout } = await purchases({ cwd }, 'query', sql, '--format', 'csv');
  return stdout.trim().split('\n').slice(1);
}

async function remedyOf(cwd: string, reason: string): Promise<string | undefined> {
  const report = document(await purchases({ cwd }, 'quarantine', '--json')) as {
    reasons: Record<string, { remedy: string }>;
  };
  return report.reasons[reason]?.remedy;
}

test('a line with a blank term rejects its purchase, and the remedy names the setting', async () => {
  const cwd = await lakeOf({ sum: ['item', 'shipping'] });
  expect(await totals(cwd)).toEqual(['3,3.00']);
  expect(await remedyOf(cwd, 'amount_missing')).toMatch(/`blank: zero`.*\(shop\)/);
});

test('with blank: zero such terms are zero, and every line counts', async () => {
  const cwd = await lakeOf({ sum: ['item', 'shipping'], blank: 'zero' });
  expect(await totals(cwd)).toEqual(['1,65.99', '2,17.00', '3,3.00']);
  expect(document(await purchases({ cwd }, 'explain', '1', '--json'))).toMatchObject({
    total_spent_aud: '65.99',
  });
});

test('a product with a blank factor is rejected, and the remedy names no setting that it does not have', async () => {
  const cwd = await lakeOf({ product: ['item', 'shipping'] });
  expect(await totals(cwd)).toEqual(['3,2.00']);
  expect(await remedyOf(cwd, 'amount_missing')).not.toContain('blank');
});

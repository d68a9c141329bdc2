import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { PRESETS } from '../../src/config/presets/presets.ts';
import type { RunReport } from '../../src/lake/run/report.ts';
import { document, purchases } from '../support/cli.ts';
import { sharedFolder, testFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const samples = PRESETS.map(({ name }) =>
  fileURLToPath(new URL(`../../examples/presets/${name}.csv`, import.meta.url)),
);
const at = sharedFolder();
let report: RunReport;

describe('a ready-made source for each export, from init to gold', () => {
  beforeAll(async () => {
    document(
      await purchases({ cwd: at.folder }, 'init', ...samples, '--currency', 'AUD', '--json'),
    );
    const bronze = join(at.folder, 'lake', 'bronze', '2025', '12', '01');
    await mkdir(bronze, { recursive: true });
    for (const sample of samples)
      await copyFile(sample, join(bronze, sample.slice(sample.lastIndexOf('/'))));
    report = document(await purchases({ cwd: at.folder }, 'run', '--json')) as RunReport;
  });

  test('every file is read, and only rows that do not say who paid are refused', () => {
    expect(report.objects).toMatchObject({ added: samples.length, quarantined: 0 });
    expect(report.reasons).toEqual({ customer_key_missing: 3 });
  });

  test('totals are what the shops would say: refunds taken off, what was never paid left out', async () => {
    const sql =
      'select coalesce(email, full_name) as who, full_name, total_spent_aud, first_purchase_date, last_purchase_date, purchase_count from gold order by total_spent_aud desc';
    const rows = document(await purchases({ cwd: at.folder }, 'query', sql, '--json'));
    expect((rows as Record<string, string>[]).map((row) => Object.values(row).join(' | '))).toEqual(
      [
        'fay@example.com | Fay Ortiz | 1500.00 | 2025-06-02 | 2025-06-02 | 1',
        'Eve Stone | Eve Stone | 1271.16 | 2025-05-03 | 2025-05-04 | 2',
        'mia@example.com | Mia Lang | 150.00 | 2025-03-01 | 2025-03-09 | 2',
        // Stripe's times are UTC: half past ten in the evening is the next morning in Sydney.
        'ana@example.com |  | 125.00 | 2025-04-02 | 2025-04-05 | 2',
        'cleo@example.com | Cleo Marsh | 100.00 | 2025-09-06 | 2025-09-26 | 2',
        'gil@example.com | Gil Tan | 20.00 | 2025-06-25 | 2025-06-25 | 1',
        'ben@example.com |  | 12.34 | 2025-04-07 | 2025-04-07 | 1',
        'leo@example.com | Leo Prado | 10.50 | 2025-03-11 | 2025-03-11 | 1',
        'dan@example.com | Dan Oduya | 8.80 | 2025-10-01 | 2025-10-01 | 1',
        // A known limit: refunds that PayPal lists as the shop's own payments.
        'shop@example.com | Gil Tan | -99.99 |  |  | 0',
      ],
    );
  });

  test('the file names its presets, the pages that they follow and what they cannot say', async () => {
    const yaml = await readFile(join(at.folder, 'purchases.config.yaml'), 'utf8');
    for (const { name, follows, limits } of PRESETS) {
      expect(yaml).toContain(`name: ${name}`);
      expect(yaml).toContain(follows);
      for (const limit of limits) expect(yaml).toContain(limit);
    }
  });

  test('a preset says which columns a file lacks', async () => {
    const cwd = await testFolder();
    await writeFile(join(cwd, 'a.csv'), 'id,Amount,Amount Refunded,Currency\nch_1,1,0,aud\n');
    const { code, stderr } = await purchases(
      { cwd },
      'init',
      'a.csv',
      '--preset',
      'stripe-payments',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('no column "Customer ID"');
    expect(stderr).toContain('"Created date (UTC)"');
  });

  test('amounts with currency signs are pointed out before a run refuses them', async () => {
    const cwd = await testFolder();
    const square = await readFile(samples[3] ?? '', 'utf8');
    await writeFile(join(cwd, 'square.csv'), square.replaceAll('31.16', '$31.16'));
    const { code, stderr } = await purchases({ cwd }, 'init', 'square.csv', '--currency', 'AUD');
    expect(code).toBe(0);
    expect(stderr).toContain('have a currency sign, such as "$31.16"');
    expect(stderr).toMatch(/amount_invalid +1/);
  });
});

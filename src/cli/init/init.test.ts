import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';

import { loadConfig } from '../../config/load.ts';
import { document, purchases } from '../../../test/support/cli.ts';
import { testFolder } from '../../../test/support/folders.ts';

vi.setConfig({ testTimeout: 120_000 });

const SALES =
  'order,customer,when,total\nA1,7,13/1/2025,10.50\nA2,8,2/1/2025,3.00\nA3,,3/1/2025,1.00\n';

/** A folder with one file in it. */
async function folderWith(name: string, content: string | Buffer): Promise<string> {
  const cwd = await testFolder();
  await writeFile(join(cwd, name), content);
  return cwd;
}

describe('purchases init', () => {
  test('writes a configuration that the reader takes, after a trial on the whole file', async () => {
    const cwd = await folderWith('sales.csv', SALES);
    const { code, stdout, stderr } = await purchases(
      { cwd },
      'init',
      'sales.csv',
      '--currency',
      'nzd',
      '--map',
      'purchase_date=when',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('3 rows = 2 accepted + 1 quarantined');
    expect(stderr).toMatch(/customer_id_missing +1/);
    expect(stderr).toContain('--map customer_key=COLUMN');
    expect(stderr).toMatch(
      /cp sales\.csv \.\/lake\/bronze\/\d{4}\/\d{2}\/\d{2}\/sales\.csv\n {2}purchases run/,
    );
    const config = await loadConfig({ cwd, env: {}, flags: {} });
    expect(config.sources).toEqual([
      expect.objectContaining({
        name: 'sales',
        match: '**',
        dateFormats: ['d/M/yyyy'],
        fields: {
          customer_id: { kind: 'column', column: 'customer' },
          first_name: { kind: 'column', column: 'first_name' },
          last_name: { kind: 'column', column: 'last_name' },
          email: { kind: 'column', column: 'email' },
          purchase_id: { kind: 'column', column: 'order' },
          purchase_date: { kind: 'column', column: 'when' },
          amount: { kind: 'column', column: 'total' },
          currency: { kind: 'constant', value: 'NZD' },
        },
      }),
    ]);
    expect(await readFile(join(cwd, 'purchases.config.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\S+purchases\.schema\.json\n/,
    );
  });

  test('never overwrites a configuration unless it is forced to', async () => {
    const cwd = await folderWith('sales.csv', SALES);
    await writeFile(join(cwd, 'purchases.config.yaml'), 'lake: ./mine\n');
    const again = await purchases({ cwd }, 'init', 'sales.csv', '--currency', 'NZD');
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') as string });
    expect(await readFile(join(cwd, 'purchases.config.yaml'), 'utf8')).toBe('lake: ./mine\n');
    expect(
      await purchases({ cwd }, 'init', 'sales.csv', '--currency', 'NZD', '--force'),
    ).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, 'purchases.config.yaml'), 'utf8')).toContain('./lake');
  });

  test('open questions exit with 2, all at once, each with the flag that answers it', async () => {
    const cwd = await folderWith('sales.csv', SALES.replace('13/1', '12/1'));
    const open = await purchases({ cwd }, 'init', 'sales.csv');
    expect(open.code).toBe(2);
    expect(open.stderr).toContain('2 questions about sales.csv must be answered');
    expect(open.stderr).toContain('--date-format M/d/yyyy or --date-format d/M/yyyy');
    expect(open.stderr).toContain('--currency');
    const answered = await purchases(
      { cwd },
      'init',
      'sales.csv',
      '--currency',
      'AUD',
      '--date-format',
      'M/d/yyyy',
      '--json',
    );
    expect(document(answered)).toMatchObject({
      sources: [{ dateFormats: ['M/d/yyyy'] }],
      trial: { rows: { accepted: 2 } },
    });
  });

  test('a dry run prints the configuration and writes nothing', async () => {
    const cwd = await folderWith('sales.csv', SALES);
    const { code, stdout } = await purchases(
      { cwd },
      'init',
      'sales.csv',
      '--currency',
      'AUD',
      '--dry-run',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('purchase_id: order # by its name; all of 3 sampled values differ');
    await expect(readFile(join(cwd, 'purchases.config.yaml'))).rejects.toThrow('ENOENT');
  });

  test.each([
    [
      'windows-1252',
      Buffer.from(
        'id,customer,date,amount,currency,note\n1,7,2025-01-02,1,EUR,it\x92s \x801\n',
        'latin1',
      ),
      'windows-1252',
    ],
    [
      'latin1',
      Buffer.from(
        'id,customer,date,amount,currency,city\n1,7,2025-01-02,1,EUR,K\xf6ln\n',
        'latin1',
      ),
      'windows-1252',
    ],
    [
      'latin1 that is no windows-1252',
      Buffer.from(
        'id,customer,date,amount,currency,city\n1,7,2025-01-02,1,EUR,K\xf6ln\x81\n',
        'latin1',
      ),
      'latin1',
    ],
    [
      'UTF-8',
      Buffer.from('id,customer,date,amount,currency,city\n1,7,2025-01-02,1,EUR,Köln\n'),
      undefined,
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffid;customer;date;amount;currency\n1;7;2025-01-02;1,5;EUR\n', 'utf16le'),
      undefined,
    ],
  ])('%s is found by its bytes', async (_, bytes, encoding) => {
    const cwd = await folderWith('a.csv.gz', gzipSync(bytes));
    const answer = document(await purchases({ cwd }, 'init', 'a.csv.gz', '--dry-run', '--json'));
    const { sources, trial } = answer as {
      sources: { format: { encoding?: string } }[];
      trial: { rows: { read: number } };
    };
    expect(sources[0]?.format.encoding).toBe(encoding);
    expect(trial.rows.read).toBeGreaterThan(0);
  });

  test('JSON is mapped by the paths of its values', async () => {
    const row = {
      id: 'A',
      customer: { email: 'a@b.com', name: 'Ada' },
      total: 3.5,
      currency: 'AUD',
      created_at: '2025-01-02T03:04:05Z',
    };
    const cwd = await folderWith(
      'orders.jsonl',
      `${JSON.stringify(row)}\n${JSON.stringify({ ...row, id: 'B' })}\n`,
    );
    const { sources, trial } = document(
      await purchases({ cwd }, 'init', 'orders.jsonl', '--json'),
    ) as Record<string, unknown>;
    expect(sources).toMatchObject([
      {
        format: { type: 'json' },
        fields: { customer_key: 'customer.email', purchase_id: 'id', purchase_date: 'created_at' },
      },
    ]);
    expect(trial).toMatchObject({ rows: { read: 2, accepted: 2 } });
  });

  test('files with different columns become separate sources, distinguished by their names', async () => {
    const cwd = await folderWith('sales-2025-01.csv', SALES);
    await copyFile(join(cwd, 'sales-2025-01.csv'), join(cwd, 'sales-2025-02.csv'));
    await writeFile(
      join(cwd, 'web.csv'),
      'id,customer,date,amount,currency\n1,7,2025-01-02,1,EUR\n',
    );
    const files = ['sales-2025-01.csv', 'sales-2025-02.csv', 'web.csv'];
    const answer = document(
      await purchases({ cwd }, 'init', ...files, '--currency', 'EUR', '--json'),
    );
    expect(answer).toMatchObject({
      sources: [
        { name: 'sales', match: '**/sales*' },
        { name: 'web', match: '**/web*' },
      ],
      trial: { rows: { read: 7, accepted: 5 }, refused: [] },
    });
  });

  test.each([
    ['nothing.csv', 'cannot be read'],
    ['empty.csv', 'has no rows'],
    ['book.xlsx', 'unsupported extension'],
    ['title.csv', 'the first line ("Sales of March") is not a header'],
    ['excel.csv', 'the first line ("sep=") is not a header'],
  ])('%s: %s', async (name, message) => {
    const cwd = await folderWith('empty.csv', 'a,b\n');
    await writeFile(join(cwd, 'title.csv'), 'Sales of March\n\nid,total\n1,2\n');
    await writeFile(join(cwd, 'excel.csv'), 'sep=;\r\nid;total\r\n1;2\r\n');
    await writeFile(join(cwd, 'book.xlsx'), 'PK');
    const { code, stderr } = await purchases({ cwd }, 'init', name);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(message) as string,
    });
  });

  const retail = process.env['PURCHASES_TEST_ONLINE_RETAIL'];
  test.skipIf(retail === undefined)('a real shop needs only its currency', async () => {
    const cwd = await testFolder();
    await copyFile(retail ?? '', join(cwd, 'online-retail.csv.gz'));
    const open = await purchases({ cwd }, 'init', 'online-retail.csv.gz');
    expect(open).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('One question about') as string,
    });
    expect(open.stderr).toContain('--currency GBP');
    const answered = await purchases(
      { cwd },
      'init',
      'online-retail.csv.gz',
      '--currency',
      'GBP',
      '--json',
    );
    expect(document(answered)).toMatchObject({
      sources: [
        {
          rows: 'lines',
          format: { type: 'csv', encoding: 'windows-1252' },
          dateFormats: ['M/d/yyyy H:mm'],
          fields: {
            customer_id: 'CustomerID',
            purchase_id: 'InvoiceNo',
            amount: { product: ['Quantity', 'UnitPrice'] },
          },
        },
      ],
      trial: {
        rows: { read: 541_909, accepted: 406_829, quarantined: 135_080 },
        reasons: { customer_id_missing: 135_080 },
      },
    });
  });
});

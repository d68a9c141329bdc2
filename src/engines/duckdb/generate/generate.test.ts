import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Interrupted, UsageError } from '../../../errors.ts';
import { defaultCustomers, type GenerateOptions, generatePurchases } from './generate.ts';

const HEADER = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
let scratch: string;
let folders = 0;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'generate-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function generate(options: Partial<GenerateOptions> & { rows: number; files: number }) {
  const out = options.out ?? path.join(scratch, String((folders += 1)));
  const done = await generatePurchases({
    customers: defaultCustomers(options.rows),
    seed: 1,
    out,
    ...options,
  });
  const texts = await Promise.all(done.files.map((file) => readFile(path.join(out, file), 'utf8')));
  const rows = texts.flatMap((text) => text.trimEnd().split('\n').slice(1));
  return {
    ...done,
    out,
    texts,
    rows,
    sha256: createHash('sha256').update(texts.join('')).digest('hex'),
  };
}

/** Counts kinds of rows from the files alone, without knowing how they were generated. */
function census(rows: string[]) {
  const counts = { repeats: 0, corrections: 0, refunds: 0, bad: 0, customers: new Set<string>() };
  const amounts = new Map<string, Set<string>>();
  const seen = new Set<string>();
  for (const row of rows) {
    const [customer = '', , , , id = '', date = '', amount = '', currency = ''] = row
      .split(',')
      .map((value) => value.trim());
    const good =
      /^\d+(\.0)?$/.test(customer) &&
      id !== '' &&
      /^202[2-5].(0[1-9]|1[012]).\d\d$/.test(date) &&
      date !== '2025-02-30' &&
      /^-?\d+\.\d\d$/.test(amount) &&
      /^(AUD|USD|EUR|GBP|NZD)$/i.test(currency);
    if (good) counts.customers.add(customer.replace('.0', ''));
    else counts.bad += 1;
    if (good && seen.has(row)) counts.repeats += 1;
    else if (good && amounts.has(id)) counts.corrections += 1;
    else if (amount.startsWith('-')) counts.refunds += 1;
    seen.add(row);
    if (good) amounts.set(id, (amounts.get(id) ?? new Set()).add(amount));
  }
  return counts;
}

describe('generatePurchases', () => {
  test('writes the same bytes for the same seed, on every machine and version', async () => {
    const first = await generate({ rows: 3000, files: 3 });
    const again = await generate({ rows: 3000, files: 3 });
    expect(again.sha256).toBe(first.sha256);
    expect(first.sha256).toBe('e0504c50b73ad1fb6a80c59c8ae5611825bcea28843458eef49f0b9619435f93');
  });

  test('writes other rows for another seed', async () => {
    const first = await generate({ rows: 300, files: 1 });
    const other = await generate({ rows: 300, files: 1, seed: 2 });
    expect(other.rows.filter((row) => first.rows.includes(row))).toEqual([]);
  });

  test('writes the same rows for any number of files, regardless of what runs in parallel', async () => {
    const one = await generate({ rows: 20_000, files: 1 });
    const many = await generate({ rows: 20_000, files: 13 });
    expect(many.rows).toEqual(one.rows);
  });

  test('writes the requested number of rows, one file a day, with the canonical header and no quotes', async () => {
    const { files, rows, bytes, texts } = await generate({ rows: 1000, files: 3 });
    expect(files).toEqual([1, 2, 3].map((n) => `generated/2026/01/0${n}/purchases-000${n}.csv`));
    expect(rows).toHaveLength(1000);
    expect(texts.map((text) => text.trimEnd().split('\n').length - 1)).toEqual([333, 333, 334]);
    expect(texts.map((text) => text.split('\n')[0])).toEqual([HEADER, HEADER, HEADER]);
    expect(rows.filter((row) => row.includes('"') || row.split(',').length !== 8)).toEqual([]);
    expect(bytes).toBe(Buffer.byteLength(texts.join('')));
  });

  test('writes repeats, corrections, refunds and bad rows in the documented shares, and every customer', async () => {
    const { rows } = await generate({ rows: 40_000, files: 4 });
    const { customers, ...counts } = census(rows);
    const expected = { repeats: 200, corrections: 200, refunds: 400, bad: 200 };
    for (const [kind, about] of Object.entries(expected)) {
      const off = Math.abs(counts[kind as keyof typeof counts] - about);
      // Four standard deviations of a count with this mean.
      expect(off, `${kind}: ${counts[kind as keyof typeof counts]}`).toBeLessThan(
        4 * Math.sqrt(about),
      );
    }
    expect(customers.size).toBe(2000);
  });

  test('writes every kind of bad row, and repeats in a later file than the original', async () => {
    const { rows, texts } = await generate({ rows: 40_000, files: 4 });
    const fields = rows.map((row) => row.split(','));
    const has = (column: number, value: string) => fields.some((row) => row[column] === value);
    const bad: [number, string][] = [
      [0, ''],
      [0, 'guest'],
      [4, ''],
      [5, ''],
      [5, '2025-02-30'],
      [6, ''],
      [6, 'abc'],
      [7, 'AU'],
      [7, 'XXX'],
    ];
    expect(bad.filter(([column, value]) => !has(column, value))).toEqual([]);
    const firstFile = new Set(texts[0]!.split('\n').slice(1, -1));
    expect(texts[3]!.split('\n').filter((row) => firstFile.has(row)).length).toBeGreaterThan(0);
  });

  test('accepts one row, fewer rows than files and fewer rows than customers', async () => {
    expect((await generate({ rows: 1, files: 1 })).rows).toHaveLength(1);
    const sparse = await generate({ rows: 2, files: 5 });
    expect(sparse.rows).toHaveLength(2);
    expect(sparse.texts.filter((text) => text === `${HEADER}\n`)).toHaveLength(3);
    expect((await generate({ rows: 10, files: 1, customers: 1_000_000 })).rows).toHaveLength(10);
  });

  test('continues in the next year when there are more files than days', async () => {
    const { files } = await generate({ rows: 1, files: 366 });
    expect(files.at(-1)).toBe('generated/2027/01/01/purchases-0366.csv');
  });

  test.each([
    { rows: 0 },
    { rows: 1.5 },
    { rows: Number.NaN },
    { files: 0 },
    { customers: 0 },
    { customers: 2_147_483_647 },
    { seed: -1 },
  ])('refuses %j and names the value in the message', async (wrong) => {
    const [name, value] = Object.entries(wrong)[0]!;
    const failure = generate({ rows: 10, files: 1, ...wrong });
    await expect(failure).rejects.toBeInstanceOf(UsageError);
    await expect(failure).rejects.toThrow(`${name} ${value}`);
  });

  test('refuses a folder that cannot be created', async () => {
    const out = path.join(scratch, 'a-file');
    await writeFile(out, '');
    await expect(generate({ rows: 1, files: 1, out })).rejects.toBeInstanceOf(UsageError);
  });

  test('replaces files of the same name and leaves no unfinished file', async () => {
    const first = await generate({ rows: 100, files: 2 });
    const second = await generate({ rows: 50, files: 2, out: first.out });
    expect(second.rows).toHaveLength(50);
    const names = (await readdir(first.out, { recursive: true })).filter((name) =>
      name.includes('purchases'),
    );
    expect(names.map((name) => path.basename(name)).toSorted()).toEqual([
      'purchases-0001.csv',
      'purchases-0002.csv',
    ]);
  });

  test('stops when aborted and keeps only finished files', async () => {
    const out = path.join(scratch, 'stopped');
    const stop = new AbortController();
    const finished: string[] = [];
    const onProgress = ({ file }: { file: string }) => {
      finished.push(file);
      stop.abort();
    };
    const failure = generate({ rows: 400_000, files: 40, out, signal: stop.signal, onProgress });
    await expect(failure).rejects.toBeInstanceOf(Interrupted);
    const names = (await readdir(out, { recursive: true })).filter((name) =>
      name.includes('purchases'),
    );
    expect(names.toSorted()).toEqual(finished.toSorted());
    expect(names.length).toBeLessThan(40);
  });
});

import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseRates } from '../../src/fx/parse-rates.ts';

const data = (name: string) => readFile(new URL(`../../data/${name}`, import.meta.url));
const About = z.object({
  source: z.string(),
  newest: z.string(),
  oldest: z.string(),
  rows: z.number(),
  digest: z.string(),
});

test('the rate table in the package is canonical and matches its description', async () => {
  const text = (await promisify(gunzip)(await data('rates.csv.gz'))).toString();
  const { source, ...facts } = About.parse(JSON.parse((await data('rates.json')).toString()));
  const rates = parseRates(text, 'data/rates.csv.gz');
  const { newest, oldest, rows, digest } = rates;
  expect(facts).toEqual({ newest, oldest, rows, digest });
  expect(rates.csv()).toBe(text);
  expect(source).toContain('European Central Bank');
  // 1.5904 AUD and 1.1172 USD for 1 EUR, as the bank published them.
  expect(text).toContain('\nUSD,2026-10-30,1.423558897243\n');
});

test('the bytes of the rate table contain neither a time nor an operating system', async () => {
  const header = (await data('rates.csv.gz')).subarray(0, 10);
  expect([...header.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
  expect(header[9]).toBe(255);
});

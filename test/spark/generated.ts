import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { defaultCustomers, generatePurchases } from '../../src/engines/duckdb/generate/generate.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { ProductLake } from '../properties/product.ts';
import type { OracleInput, OracleObject, OracleRate } from '../oracle/index.ts';
import { handSource } from '../oracle/hand-lake.ts';

/**
 * Ten files of one day each, and one `more` of a hundredth of their rows, as `purchases generate`
 * writes them; at the packaged rates.
 */
export async function generatedLake(rows: number): Promise<OracleInput & { more: OracleObject }> {
  const objects = await generated(rows, 10, 1);
  const [more] = await generated(rows / 100, 1, 2);
  if (more === undefined) throw new Error('no file was made');
  const packaged = await readFile(new URL('../../data/rates.csv.gz', import.meta.url));
  return {
    objects,
    more: { ...more, key: '2026/01/11/purchases-0011.csv', modified: more.modified + 10 * 86_400 },
    sources: [handSource()],
    timeZone: 'Australia/Sydney',
    rates: ratesIn(gunzipSync(packaged).toString()),
    maxAgeDays: 7,
    maxQuarantinedShare: 1,
    maxInflation: 200,
    firstCustomerId: 1_000_000_001,
    registry: new Map(),
  };
}

async function generated(rows: number, files: number, seed: number): Promise<OracleObject[]> {
  const out = await mkdtemp(join(tmpdir(), 'generated-'));
  try {
    const produced = await generatePurchases({
      rows,
      files,
      customers: defaultCustomers(rows),
      seed,
      out,
    });
    return await Promise.all(
      produced.files.map(async (key, day) => ({
        key,
        bytes: await readFile(join(out, key)),
        modified: Date.UTC(2026, 0, 1 + day, 12) / 1000,
      })),
    );
  } finally {
    await rm(out, { recursive: true });
  }
}

const ratesIn = (csv: string): OracleRate[] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [currency = '', rate_date = '', rate = ''] = line.split(',');
      return { currency, rate_date, rate };
    });

/**
 * The ledger's account of the lake: gold by its digest, and each object's rows by outcome and by
 * reason.
 */
export async function accounts(lake: ProductLake): Promise<unknown> {
  const { gold, objects } = await readLedger(lake.store);
  return {
    gold: { digest: gold?.digest, customers: gold?.customers, total: gold?.total },
    objects: [...objects.values()].map(({ key, rows, reasons, repairs }) => ({
      key,
      rows,
      reasons,
      repairs,
    })),
  };
}

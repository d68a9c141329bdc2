import { expect, test } from 'vitest';

import { CustomerIdsCollide, CustomerIdsExhausted } from '../../src/errors.ts';
import type { Engine } from '../../src/lake/ports/engine.ts';
import {
  hashOf,
  hiddenIds,
  tombstoneKey,
  writeTombstone,
} from '../../src/lake/erase/tombstones.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { handSource } from '../oracle/hand-lake.ts';
import type { OracleInput, OracleObject } from '../oracle/index.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';
import { oneEngine, type ProductLake, productLake } from '../properties/product.ts';
import { cellsOf, matrixOf } from './cells.ts';

const MINUTES = 60_000;

function object(folder: 'ids' | 'keys', day: number, customers: readonly string[]): OracleObject {
  const rows = customers.map(
    (customer, at) => `${customer},${folder}${day}-${at},2026-03-10,1,AUD`,
  );
  const head = 'customer,purchase_id,purchase_date,amount,currency';
  return {
    key: `${folder}/2026-04-0${day}/a.csv`,
    bytes: Buffer.from([head, ...rows].join('\n')),
    modified: NOON + day,
  };
}

const fields = { first_name: null, last_name: null, email: null };
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

const LAKE: OracleInput = {
  ...plainLake([]),
  firstCustomerId: 5,
  sources: [
    handSource({ name: 'ids', match: 'ids/**', fields: { ...fields, customer_id: 'customer' } }),
    handSource({ name: 'keys', match: 'keys/**', fields: { ...fields, customer_key: 'customer' } }),
  ],
};
const IDS = object('ids', 1, ['-5', '5', '7', '8', '12', '12', ...numbered(400, 900)]);
const KEYS = object('keys', 1, [...numbered(1, 700).map((key) => `k${key}`), 'k3']);
const MORE = object('ids', 2, ['6', '9', '13']);

/** Writes the tombstones of people who had these integers. */
async function bury({ store }: ProductLake, ids: readonly number[]): Promise<void> {
  const hash = await hashOf(store, 'ab'.repeat(32));
  for (const id of ids) {
    const stone = { format: 1 as const, names: [], purchases: [], hidden: hiddenIds(hash, [id]) };
    await writeTombstone(store, tombstoneKey(hash, id), stone);
  }
}

/** The registry on Spark equals that on DuckDB, run by run. */
export function customerKeys(spark: () => Engine): void {
  test(
    'integers of rows are skipped, rows with integers of keys fail the run, and a rebuild separates them, as on DuckDB',
    async () => {
      await using onSpark = await productLake(LAKE, spark());
      await using onDuckdb = await productLake(LAKE, oneEngine);
      const both = async (go: (lake: ProductLake) => Promise<void>): Promise<void> => {
        for (const lake of [onSpark, onDuckdb]) await go(lake);
        const cells = { spark: await cellsOf(onSpark), duckdb: await cellsOf(onDuckdb) };
        expect(matrixOf(new Map(Object.entries(cells)))).toEqual({});
        expect((await readLedger(onSpark.store)).keys.next).toBe(
          (await readLedger(onDuckdb.store)).keys.next,
        );
      };
      await both(async (lake) => {
        await bury(lake, [20, 1700]);
        await lake.run([IDS, KEYS]);
      });
      const all = [IDS, KEYS, MORE];
      await both(async (lake) => {
        const failed = await lake.run(all).catch((error: unknown) => error);
        expect(failed).toBeInstanceOf(CustomerIdsCollide);
        expect((failed as Error).message).toBe(
          'Two people would be customer 6: it is the customer_id of ids/2026-04-02/a.csv row 1, and the registry gave it to a customer key (keys/2026-04-01/a.csv row 1). 3 numbers collide in this way.',
        );
      });
      await both((lake) => lake.run(all, {}, 'colliding'));
      await both((lake) => lake.run(all, { firstCustomerId: 2000 }, 'all'));
      await both(async (lake) => {
        const few = { firstCustomerId: 2 ** 31 - 10 };
        await expect(lake.run(all, few, 'all')).rejects.toThrow(CustomerIdsExhausted);
      });
    },
    20 * MINUTES,
  );
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { ObjectRecord } from '../../src/lake/ledger/records.ts';
import type { HandSource } from '../oracle/hand-lake.ts';
import { oracle, type OracleObject } from '../oracle/index.ts';
import { differences } from './compare.ts';
import { NOON, plainLake } from './plain-lake.ts';
import { oneEngine, productLake, streamingEngine } from './product.ts';
import { seenByOracle, seenInLake } from './snapshot.ts';

const folder = process.env['PURCHASES_TEST_JSON_SUITE'];
const MOST_MEMORY = 512 << 20;
const KEY = 'shop/2026-04-03/';

/** Every field is a constant: only the row's validity as an object matters. */
const anyObject: HandSource = {
  fields: {
    customer_id: { kind: 'constant', value: '1' },
    purchase_id: null,
    purchase_date: { kind: 'constant', value: '2026-04-01' },
    amount: { kind: 'constant', value: '1' },
    currency: { kind: 'constant', value: 'AUD' },
  },
};

/**
 * Texts in which a row is an object, and the number of such rows; all other texts of the suite hold
 * only numbers, strings and lists.
 */
const OBJECTS = {
  'y_array_heterogeneous.json': 1,
  'y_object.json': 1,
  'y_object_basic.json': 1,
  'y_object_duplicated_key.json': 0,
  'y_object_duplicated_key_and_value.json': 0,
  'y_object_empty.json': 1,
  'y_object_empty_key.json': 1,
  'y_object_escaped_null_in_key.json': 1,
  'y_object_extreme_numbers.json': 1,
  'y_object_long_strings.json': 1,
  'y_object_simple.json': 1,
  'y_object_string_unicode.json': 1,
  'y_object_with_newlines.json': 1,
};

async function suite(from: string): Promise<OracleObject[]> {
  const names = (await readdir(from)).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => ({
      key: `${KEY}${name}`,
      bytes: await readFile(join(from, name)),
      modified: NOON,
    })),
  );
}

const acceptedOf = ({ rows }: ObjectRecord): number =>
  rows.accepted + rows.duplicate + rows.superseded;

/** Nothing was rejected, and the text was not empty. */
const isWhole = (record: ObjectRecord): boolean =>
  record.refused === undefined && record.rows.read > 0 && acceptedOf(record) === record.rows.read;

const engines = folder === undefined ? [] : [oneEngine, streamingEngine];

test(`JSONTestSuite ${folder === undefined ? 'was skipped: PURCHASES_TEST_JSON_SUITE names no folder (its test_parsing)' : 'is read whole and as a stream'}`, () => {
  expect(engines).toHaveLength(folder === undefined ? 0 : 2);
});

test.for(engines)(
  "every text of JSONTestSuite has the oracle's outcome, invalid JSON is never accepted whole, in under 512 MB",
  { timeout: 120_000 },
  async (engine) => {
    const lake = plainLake(await suite(folder ?? ''), anyObject);
    await using product = await productLake(lake, engine);
    await product.run(lake.objects);
    const { objects } = await readLedger(product.store);
    expect(objects.size).toBe(lake.objects.length);
    const records = [...objects.values()].map((record) => ({
      name: record.key.slice(KEY.length),
      record,
    }));
    const read = records.filter(({ name }) => name in OBJECTS);
    expect(Object.fromEntries(read.map(({ name, record }) => [name, acceptedOf(record)]))).toEqual(
      OBJECTS,
    );
    const wrong = records.filter(({ name, record }) => name.startsWith('n_') && isWhole(record));
    expect(wrong.map(({ name }) => name)).toEqual([]);
    const lines = differences(seenByOracle(oracle(lake)), await seenInLake(product));
    expect(lines.join('\n')).toBe('');
    expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(MOST_MEMORY);
  },
);

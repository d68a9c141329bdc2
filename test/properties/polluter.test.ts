import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { expect, test } from 'vitest';
import { oracle } from '../oracle/index.ts';
import { differences } from './compare.ts';
import { damaged } from './damage.ts';
import { NOON, plainLake } from './plain-lake.ts';
import { productLake } from './product.ts';
import { seenByOracle, seenInLake } from './snapshot.ts';

/**
 * How many damaged files are read, spread over all kinds and positions; `npm run test:long` reads
 * every one.
 */
const FILES = Number(process.env['PURCHASES_TEST_DAMAGED'] ?? '500');

const CSV = `customer_id,purchase_id,purchase_date,amount,currency,first_name
1,p1,2026-04-01,10.50,AUD,Ann
2,"p,2",2026-04-01,-1e1,EUR,"Zo\u00eb ""Z"""
x,p3,2026-04-02,,AUD,Bob
`;
const PLAIN_CSV = `customer_id;purchase_id;purchase_date;amount;currency\r\n1;p1;2026-04-01;10.50;AUD\r\n2;p2;2026-04-01;-1e1;EUR\r\n`;
const NDJSON = `{"customer_id":1,"purchase_id":"p1","purchase_date":"2026-04-01","amount":10.50,"currency":"AUD"}
{"customer_id":"2","purchase_id":"p\\"2","purchase_date":"2026-04-01","amount":"-1e1","currency":"EUR","more":{"a":[1,null]}}
`;
const ARRAY = `[{"customer_id":1,"purchase_id":"p1","purchase_date":"2026-04-01","amount":1,"currency":"AUD"} ,
{"customer_id":2,"purchase_id":"p2","purchase_date":"2026-04-01","amount":2.5,"currency":"EUR"}]`;

const files = [
  ...damaged(CSV, 'csv'),
  ...damaged(PLAIN_CSV, 'txt'),
  ...damaged(NDJSON, 'ndjson'),
  ...damaged(ARRAY, 'json'),
].map((file) => ({ ...file, modified: NOON }));
const chosen = files.filter((_, index) => (index * FILES) % files.length < FILES);

test(
  `${chosen.length} damaged files are accepted or quarantined row by row, as by the oracle, and the run does not fail`,
  async () => {
    const lake = plainLake(chosen);
    await using product = await productLake(lake);
    await product.run(lake.objects);
    const { objects } = await readLedger(product.store);
    expect(objects.size).toBe(chosen.length);
    for (const { key, rows } of objects.values()) {
      const inSilver = rows.accepted + rows.duplicate + rows.superseded + rows.deleted;
      expect(`${key} ${inSilver + rows.quarantined}`).toBe(`${key} ${rows.read}`);
    }
    const lines = differences(seenByOracle(oracle(lake)), await seenInLake(product));
    expect(lines.join('\n')).toBe('');
  },
  60_000 + 200 * FILES,
);

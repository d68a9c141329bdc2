/**
 * Builds the rate table that ships with the package from the European Central Bank's
 * eurofxref-hist.csv: `npx tsx scripts/build-rates.ts path/to/eurofxref-hist.csv[.gz]` writes
 * data/rates.csv.gz and data/rates.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseRates } from '../src/fx/parse-rates.ts';

const file = process.argv[2];
if (file === undefined)
  throw new Error('usage: npx tsx scripts/build-rates.ts eurofxref-hist.csv[.gz]');

const bytes = readFileSync(file);
const rates = parseRates((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'), file);

// Node leaves the modification time 0. Byte 9 is the operating system; 255 (unknown) makes the
// bytes the same everywhere.
const zipped = gzipSync(rates.csv(), { level: 9 });
zipped[9] = 255;
writeFileSync(new URL('../data/rates.csv.gz', import.meta.url), zipped);

const about = {
  source: 'European Central Bank, euro foreign exchange reference rates',
  published:
    'https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html',
  newest: rates.newest,
  oldest: rates.oldest,
  rows: rates.rows,
  digest: rates.digest,
  note:
    'Reused with the source named. The bank publishes units of each currency for 1 EUR; the rates here are AUD for one unit, ' +
    'computed from them and rounded to 12 places. They are reference rates, published for information only.',
};
writeFileSync(
  new URL('../data/rates.json', import.meta.url),
  `${JSON.stringify(about, null, 2)}\n`,
);
console.log(`${rates.rows} rates, ${rates.oldest} to ${rates.newest}, ${zipped.length} bytes`);

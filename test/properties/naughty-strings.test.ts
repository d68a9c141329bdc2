import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HandSource } from '../oracle/hand-lake.ts';
import { oracle } from '../oracle/index.ts';
import { cleanEmail, cleanName, lower, present } from '../oracle/text.ts';
import { memoryWarehouse, tinyLake } from '../support/tiny-lake.ts';
import { differences } from './compare.ts';
import { NOON, plainLake } from './plain-lake.ts';
import { type ProductLake, productLake } from './product.ts';
import { seenByOracle, seenInLake } from './snapshot.ts';
import { openViews } from '../support/lake-views.ts';

const file = process.env['PURCHASES_TEST_NAUGHTY_STRINGS'];
const strings =
  file === undefined ? [] : (JSON.parse(readFileSync(file, 'utf8')) as readonly string[]);

const GOOD = {
  customer_key: 'k',
  purchase_id: 'p',
  purchase_date: '2026-04-01',
  amount: '1',
  currency: 'AUD',
  first_name: 'Ann',
  last_name: 'Lee',
  full_name: 'Ann Lee',
  email: 'ann@x.org',
  updated_at: '1',
  operation: 'paid',
};
type Field = keyof typeof GOOD;
type Row = { field: Field; given: string; values: Record<Field, string>; text: string };
const FIELDS = Object.keys(GOOD) as Field[];

const mapped: HandSource = {
  fields: Object.fromEntries(FIELDS.map((field) => [field, field])),
  deletes: ['gone'],
};

/** Every string in every field, with good values in the other fields and a purchase of its own. */
const rowsOf = (write: (values: Record<Field, string>) => string): Row[] =>
  strings.flatMap((given, index) =>
    FIELDS.map((field) => {
      const values = {
        ...GOOD,
        customer_key: `k${index}`,
        purchase_id: `${field}${index}`,
        [field]: given,
      };
      return { field, given, values, text: write(values) };
    }),
  );

const quoted = (values: readonly string[]): string =>
  values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');

const WAYS = [
  {
    ending: 'csv',
    head: `${FIELDS.join(',')}\n`,
    write: (values: Record<Field, string>) => quoted(FIELDS.map((field) => values[field])),
  },
  { ending: 'ndjson', head: '', write: (values: Record<Field, string>) => JSON.stringify(values) },
];

/**
 * The value of a text field after its blanks are trimmed and, in a name, its controls are removed.
 */
const kept = (field: Field, given: string): string | null | undefined => {
  if (field === 'email') return cleanEmail(given).value;
  if (field === 'purchase_id') return present(given);
  if (field === 'customer_key') return present(given) && lower(present(given) ?? '');
  return field.endsWith('_name') ? cleanName(given).value : undefined;
};

/** The content of silver and quarantine, by row number. */
async function held({ store, scratch }: ProductLake) {
  await using session = await openViews({ store, scratch });
  const by = async (relation: string) =>
    new Map(
      (await session.rows(`select * from ${relation}`)).map((row) => [
        Number(row['row_number']),
        row,
      ]),
    );
  return { silver: await by('silver'), quarantine: await by('quarantine') };
}

const ways = strings.length === 0 ? [] : WAYS;

test(`naughty strings ${file === undefined ? 'were skipped: PURCHASES_TEST_NAUGHTY_STRINGS names no file (its blns.json)' : `are read: ${strings.length} of them`}`, () => {
  expect(ways).toHaveLength(file === undefined ? 0 : 2);
});

test.for(ways)(
  'every naughty string in every field of $ending is stored unchanged, trimmed, or is quarantined with its raw text',
  { timeout: 120_000 },
  async ({ ending, head, write }) => {
    const rows = rowsOf(write);
    const text = `${head}${rows.map((row) => row.text).join('\n')}\n`;
    const bytes = Buffer.from(text);
    const lake = plainLake([{ key: `shop/2026-04-03/a.${ending}`, bytes, modified: NOON }], mapped);
    await using product = await productLake(lake);
    await product.run(lake.objects);
    const { silver, quarantine } = await held(product);
    const found = rows.map(({ field, given, text: raw }, index) => {
      const version = silver.get(index + 1);
      const wanted = kept(field, given);
      if (version === undefined) return quarantine.get(index + 1)?.['raw'] === raw ? '' : raw;
      return wanted === undefined || version[field] === wanted ? '' : raw;
    });
    expect(found.filter((line) => line !== '')).toEqual([]);
    expect(silver.size + quarantine.size).toBe(rows.length);
    expect(silver.size).toBeGreaterThan(rows.length / 3);
    const lines = differences(seenByOracle(oracle(lake)), await seenInLake(product));
    expect(lines.join('\n')).toBe('');
  },
);

test.for(ways.slice(0, 1))(
  'names that are naughty strings are in the serving table in their cleaned form',
  { timeout: 60_000 },
  async () => {
    const { db, warehouse } = await memoryWarehouse();
    await using lake = await tinyLake(warehouse);
    const lines = strings.map((name, index) =>
      quoted([String(index + 1), `p${index}`, '2026-04-01', '1', 'AUD', name]),
    );
    const head = 'customer_id,purchase_id,purchase_date,amount,currency,first_name';
    await lake.run({ '2026-04-03/a.csv': [head, ...lines].join('\n') });
    const { rows } = await db.query<{ full_name: string | null }>(
      'SELECT full_name FROM customer_purchase_summary ORDER BY customer_id',
    );
    expect(rows.map((row) => row.full_name)).toEqual(strings.map((name) => cleanName(name).value));
  },
);

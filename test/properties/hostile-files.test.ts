import { expect, test } from 'vitest';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { handSource } from '../oracle/hand-lake.ts';
import { oracle, type OracleInput } from '../oracle/index.ts';
import { differences } from './compare.ts';
import { HOSTILE } from './hostile-files.ts';
import { NOON, plainLake } from './plain-lake.ts';
import { oneEngine, type ProductLake, productLake, streamingEngine } from './product.ts';
import { seenByOracle, seenInLake } from './snapshot.ts';
import { openViews } from '../support/lake-views.ts';

/** Of the whole process: the files, the oracle and both answers as well as the engine. */
const MOST_MEMORY = 2 * 2 ** 30;
const format = { decimal: '.', thousands: '' } as const;

const keyOf = ({ name, ending }: { name: string; ending: string }): string =>
  `shop/2026-04-03/${name}.${ending}`;

/**
 * Each file has its own purchases: sources differ by file, so that no file's rows supersede
 * another's.
 */
const lake: OracleInput = {
  ...plainLake(
    HOSTILE.map((file) => ({
      key: keyOf(file),
      bytes: Buffer.isBuffer(file.content) ? file.content : Buffer.from(file.content),
      modified: NOON,
    })),
  ),
  sources: HOSTILE.map((file, index) =>
    handSource({
      name: `file${index}`,
      match: keyOf(file),
      format: {
        ...format,
        ...(file.ending.startsWith('latin1') ? { encoding: 'latin1' } : {}),
        ...(file.ending.startsWith('cp1252') ? { encoding: 'windows-1252' } : {}),
      },
    }),
  ),
};

async function rawTexts({ store, scratch }: ProductLake): Promise<Map<string, string[]>> {
  await using session = await openViews({ store, scratch });
  const found = new Map<string, string[]>();
  const rows = await session.rows(
    'select object_key, raw from quarantine where row_number is not null order by object_key, row_number',
  );
  for (const { object_key, raw } of rows)
    found.set(object_key ?? '', [...(found.get(object_key ?? '') ?? []), raw ?? '']);
  return found;
}

test.for([
  { name: 'in one table', engine: oneEngine },
  { name: 'as streams', engine: streamingEngine },
])(
  'good rows of hostile files survive and bad ones are kept as they were read, $name',
  { timeout: 180_000 },
  async ({ engine }) => {
    await using product = await productLake(lake, engine);
    await product.run(lake.objects);
    const { objects } = await readLedger(product.store);
    // Every later command reads the commit: untrusted column names must not make it large.
    const sizes = [...objects.values()].map((record) => JSON.stringify(record).length);
    expect(Math.max(...sizes)).toBeLessThan(20_000);
    const raw = await rawTexts(product);
    const outcomes = HOSTILE.map((file) => {
      const record = objects.get(keyOf(file));
      return {
        name: file.name,
        accepted: record?.rows.accepted,
        refused: record?.refused?.reason,
        raw: raw.get(keyOf(file)) ?? [],
      };
    });
    expect(outcomes.map(short)).toEqual(
      HOSTILE.map(({ name, accepted, refused, raw: texts = [] }) =>
        short({ name, accepted, refused, raw: texts }),
      ),
    );
    expect(outcomes.flatMap((file) => file.raw).join('')).toBe(
      HOSTILE.flatMap((file) => file.raw ?? []).join(''),
    );
    const lines = differences(seenByOracle(oracle(lake)), await seenInLake(product));
    expect(lines.map((line) => line.slice(0, 500))).toEqual([]);
    expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(MOST_MEMORY);
  },
);

/** A text of megabytes is shown by its length. */
const short = <T extends { raw: string[] }>(file: T) => ({
  ...file,
  raw: file.raw.map((text) => (text.length > 200 ? `${text.length} characters` : text)),
});

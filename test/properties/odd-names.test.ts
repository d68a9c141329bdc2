import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import type { OracleObject } from '../oracle/index.ts';
import { layersOf } from '../support/layers.ts';
import { NOON, plainLake } from './plain-lake.ts';
import { oneEngine, productLake, streamingEngine } from './product.ts';

vi.setConfig({ testTimeout: 300_000 });

const HEAD = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';

/** Characters that readers may treat as more than a part of a name. */
const PIECES = [
  '*',
  '**',
  '?',
  '[',
  ']',
  '[1]',
  '[!a]',
  '[a-z]',
  '{',
  '}',
  '{a,b}',
  '!',
  '^',
  '~',
  '$x',
  '${x}',
  '%41',
  '#',
  "'",
  '"',
  ' ',
  ';',
  '--',
  '|',
  '&',
  '(',
  ')',
  '`',
  '<',
  '=',
  'raw=5',
  'filename=7',
  'path=1',
  '🛒',
  'é',
];
const piece = fc.oneof(fc.constantFrom('a', 'b', '1'), fc.constantFrom(...PIECES));
const name = fc
  .array(piece, { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.join(''))
  .filter((text) => !text.startsWith('.'));

/** A name, and the name that it might match as a pattern; some in folders with such names. */
const twins = fc
  .tuple(name, fc.option(name, { nil: undefined }))
  .map(([file, folder]) =>
    [file, file.replaceAll(/\[(.)[^\]]*\]/g, '$1'), file.replaceAll(/[*?]+/g, 'a')].map(
      (each, at) =>
        folder === undefined
          ? each
          : `${at === 1 ? folder.replaceAll(/[[\]*?]/g, '') || 'x' : folder}/${each}`,
    ),
  );

/** One row each, plain or in quotes, so that no count of rows can distinguish the files. */
const object = (key: string, at: number, quoted: boolean): OracleObject => ({
  key: `${key}.csv`,
  modified: NOON,
  bytes: Buffer.from(
    `${HEAD}\n${at},${quoted ? '"Ann"' : 'Ann'},Lee,,p${at},2026-01-05,${at}.50,AUD\n`,
  ),
});

const distinct = (keys: readonly string[]): string[] => {
  const files = [...new Set(keys)];
  // On a disk a name is a file or a folder.
  return files.filter((key) => !files.some((other) => other.startsWith(`${key}.csv/`)));
};

test('a file is read as itself, whichever files its name would match as a pattern', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(twins, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
      async (pairs, quoted, streams) => {
        const objects = distinct(pairs.flat()).map((key, at) => object(key, at + 1, quoted));
        const engine = streams ? streamingEngine : oneEngine;
        await using lake = await productLake(plainLake(objects), engine);
        await lake.run(objects);
        const { silver, gold, quarantine } = await layersOf(lake.store);
        expect(quarantine).toEqual([]);
        expect(gold).toHaveLength(objects.length);
        for (const [at, { key }] of objects.entries()) {
          const rows = silver.filter((row) => (JSON.parse(row) as unknown[]).includes(key));
          expect([
            key,
            rows.map((row) => (JSON.parse(row) as unknown[]).includes(`p${at + 1}`)),
          ]).toEqual([key, [true]]);
        }
      },
    ),
    { numRuns: 25 },
  );
});

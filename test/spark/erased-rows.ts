import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { BRONZE } from '../../src/lake/layout.ts';
import type { Engine, ErasedContent, ObjectToRead } from '../../src/lake/ports/engine.ts';
import type { ObjectRecord } from '../../src/lake/ledger/records.ts';
import type { ProductLake } from '../properties/product.ts';
import { handSource } from '../oracle/hand-lake.ts';
import { NOON } from '../properties/plain-lake.ts';

const HEAD = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const GOOD = '2,Ann,,,a,2026-04-03,1,AUD';
const BAD = '2,Ann,,,b,2026-04-03,x,AUD';
const FILES = {
  'within.csv': `${HEAD}\n${GOOD}\n${BAD}\n`,
  'beyond.csv': `${HEAD}\n${GOOD}\n${BAD}\n\n`,
  'empty.csv': `${HEAD}\n`,
  'blank.jsonl': '',
  'other.csv': `${HEAD}\n${GOOD}\n`,
  'headless.csv': `1008,Wilhelmina,Zyx,w@example.org,2,2026-04-03,1,AUD\n`,
  'drift.csv': `${HEAD},note,2026-01-05\n${GOOD},,\n`,
} as const;
/** Rows that were removed; those of `other.csv` from another content. */
const ERASED: Partial<Record<keyof typeof FILES, [rows: number, rejected: number]>> = {
  'within.csv': [3, 0],
  'beyond.csv': [3, 3],
  'empty.csv': [2, 1],
  'blank.jsonl': [1, 0],
  'headless.csv': [4, 4],
};

/**
 * An engine's record of objects from which rows were erased, with a limit of one third for rejected
 * rows.
 */
export async function recordsOfErased(engine: Engine, lake: ProductLake): Promise<ObjectRecord[]> {
  const scratch = await mkdtemp(join(lake.scratch, 'erased-'));
  const objects: ObjectToRead[] = [];
  for (const [name, text] of Object.entries(FILES)) {
    const key = `2026-04-03/${name}`;
    await lake.store.put(BRONZE + key, Buffer.from(text), { modified: NOON });
    const info = await lake.store.head(BRONZE + key);
    const [rows, rejected] = ERASED[name as keyof typeof FILES] ?? [7, 7];
    const sha256 = createHash('sha256')
      .update(name === 'other.csv' ? 'else' : text)
      .digest('hex');
    const erased: ErasedContent[] = [{ sha256, rows, rejected }];
    const { size = 0, etag = '', modified = 0 } = info ?? {};
    const source = handSource();
    objects.push({
      key,
      size,
      etag,
      modified,
      ingestionDate: '2026-04-03',
      source,
      rules: 'r',
      erased,
    });
  }
  const rates = join(scratch, 'rates.csv');
  await lake.store.put(
    'rates.csv',
    Buffer.from('currency,rate_date,rate_aud\nEUR,2026-03-30,1.650000000000\n'),
  );
  const work = {
    store: lake.store,
    scratch,
    signal: new AbortController().signal,
    onProgress: () => {},
  };
  const path = await lake.store.local('rates.csv', rates);
  const result = await engine.bronzeToSilver(work, {
    objects,
    rates: { path, digest: 'd', maxAgeDays: 7 },
    timeZone: 'Australia/Sydney',
    limits: { maxQuarantinedShare: 1 / 3, maxInflation: 200 },
  });
  return result.objects
    .map((record) => ({
      ...record,
      etag: '',
      silver: record.silver !== null,
      quarantine: record.quarantine !== null,
    }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1)) as unknown as ObjectRecord[];
}

import { expect, test } from 'vitest';

import { type Batch, inBatches } from './batches.ts';
import type { Prepared } from './prepare.ts';

/** Objects that need no reading: a batch uses only their size and day. */
async function* objects(sizes: readonly number[]): AsyncGenerator<Prepared> {
  for (const [index, bytes] of sizes.entries())
    yield {
      kind: 'done',
      bytes,
      object: { key: `${index}`, ingestionDate: `2026-01-${index}` },
      record: {},
    } as unknown as Prepared;
}

test('does not change a batch that was yielded', async () => {
  const sizes = Array.from({ length: 100 }, () => 900_000);
  const batches: { keys: string[]; batch: Batch }[] = [];
  for await (const batch of inBatches(objects(sizes)))
    batches.push({ keys: batch.members.map(({ object }) => object.key), batch });
  expect(batches.length).toBeGreaterThan(3);
  for (const { keys, batch } of batches)
    expect(batch.members.map(({ object }) => object.key)).toEqual(keys);
  expect(batches.flatMap(({ keys }) => keys)).toEqual(sizes.map((_, index) => `${index}`));
});

test('a batch has at most 64 days', async () => {
  const days: number[] = [];
  for await (const { members } of inBatches(objects(Array.from({ length: 200 }, () => 10))))
    days.push(new Set(members.map(({ object }) => object.ingestionDate)).size);
  expect(days).toEqual([64, 64, 64, 8]);
});

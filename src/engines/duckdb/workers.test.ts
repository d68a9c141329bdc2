import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Workers, openWorkers, overWorkers } from './workers.ts';

let folder: string;
let workers: Workers;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workers-'));
  workers = await openWorkers(
    { threads: 2, memoryLimit: '800MB' },
    { scratch: folder, signal: new AbortController().signal },
    2,
  );
});
afterAll(async () => {
  await workers[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function* itemsBelow(count: number, produced: number[] = []): AsyncGenerator<number> {
  for (let item = 0; item < count; item++) {
    await setTimeout(1);
    produced.push(item);
    yield item;
  }
}

test.each([0, 1, 2, 9])('returns the results of %i items in their order', async (count) => {
  const done = await overWorkers(workers, itemsBelow(count), async (_, item) => {
    await setTimeout(item % 3);
    return item * 10;
  });
  expect(done).toEqual(Array.from({ length: count }, (_, item) => item * 10));
});

test('prefetches one item for each worker and not more', async () => {
  const produced: number[] = [];
  let seen: number[] = [];
  await overWorkers(workers, itemsBelow(9, produced), async (_, item) => {
    await setTimeout(30);
    if (item === 0) seen = [...produced];
  });
  expect(seen).toEqual([0, 1, 2, 3]);
});

test('throws the error of an item that was prefetched and could not be produced', async () => {
  const worked: number[] = [];
  async function* broken(): AsyncGenerator<number> {
    yield* itemsBelow(3);
    throw new Error('no fourth item');
  }
  await expect(
    overWorkers(workers, broken(), async (_, item) => {
      await setTimeout(20);
      worked.push(item);
    }),
  ).rejects.toThrow('no fourth item');
  expect(worked.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
});

test('throws the first error after the items in progress are finished', async () => {
  const produced: number[] = [];
  const worked: number[] = [];
  await expect(
    overWorkers(workers, itemsBelow(9, produced), async (_, item) => {
      if (item === 1) throw new Error('item 1');
      await setTimeout(20);
      worked.push(item);
    }),
  ).rejects.toThrow('item 1');
  expect(worked).toEqual([0]);
  const before = produced.length;
  await setTimeout(20);
  expect(produced).toHaveLength(before);
});

import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Workers, openLanes, overLanes } from './workers.ts';

let folder: string;
let lanes: Workers;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanes-'));
  lanes = await openLanes(
    { threads: 2, memoryLimit: '800MB' },
    { scratch: folder, signal: new AbortController().signal },
    2,
  );
});
afterAll(async () => {
  await lanes[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function* upTo(count: number, made: number[] = []): AsyncGenerator<number> {
  for (let item = 0; item < count; item++) {
    await setTimeout(1);
    made.push(item);
    yield item;
  }
}

test.each([0, 1, 2, 9])('the results of %i items come in their order', async (count) => {
  const done = await overLanes(lanes, upTo(count), async (_, item) => {
    await setTimeout(item % 3);
    return item * 10;
  });
  expect(done).toEqual(Array.from({ length: count }, (_, item) => item * 10));
});

test('as many items as there are lanes are made ready while others are worked on, and no more', async () => {
  const made: number[] = [];
  let seen: number[] = [];
  await overLanes(lanes, upTo(9, made), async (_, item) => {
    await setTimeout(30);
    if (item === 0) seen = [...made];
  });
  expect(seen).toEqual([0, 1, 2, 3]);
});

test('an item that cannot be made ends the work, though it was asked for ahead', async () => {
  const worked: number[] = [];
  async function* broken(): AsyncGenerator<number> {
    yield* upTo(3);
    throw new Error('no fourth item');
  }
  await expect(
    overLanes(lanes, broken(), async (_, item) => {
      await setTimeout(20);
      worked.push(item);
    }),
  ).rejects.toThrow('no fourth item');
  expect(worked.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
});

test('a failure ends the work once items that were begun are done', async () => {
  const made: number[] = [];
  const worked: number[] = [];
  await expect(
    overLanes(lanes, upTo(9, made), async (_, item) => {
      if (item === 1) throw new Error('item 1');
      await setTimeout(20);
      worked.push(item);
    }),
  ).rejects.toThrow('item 1');
  expect(worked).toEqual([0]);
  const before = made.length;
  await setTimeout(20);
  expect(made).toHaveLength(before);
});

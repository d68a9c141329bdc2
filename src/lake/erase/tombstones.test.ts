import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LedgerDamaged } from '../../errors.ts';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { ERASURE_KEY } from '../layout.ts';
import type { Store } from '../ports/store.ts';
import { erasedPeople, hashOf, tombstoneKey, writeTombstone } from './tombstones.ts';
import { wantedBy } from './wanted.ts';

/** A lake from which customer 7 was erased. */
async function erasedLake(): Promise<{ store: Store; tombstone: string }> {
  const root = await mkdtemp(join(tmpdir(), 'tombstones-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const store = folderStore(root);
  const hash = await hashOf(store, 'ab'.repeat(32));
  const tombstone = tombstoneKey(hash, 7);
  await writeTombstone(store, tombstone, { format: 1, names: [hash('id', '7')], purchases: [] });
  return { store, tombstone };
}

test('an erased customer is recognised', async () => {
  const { store } = await erasedLake();
  const { hash, tombstones } = (await erasedPeople(store)) ?? { hash: () => '', tombstones: [] };
  const people = wantedBy(hash, tombstones);
  expect([people.customer('7', null), people.customer('8', null)]).toEqual([true, false]);
});

test('a flipped bit in a tombstone or in the hash key is an error that names the file', async () => {
  const { store, tombstone } = await erasedLake();
  for (const key of [tombstone, ERASURE_KEY]) {
    const whole = Buffer.from((await store.read(key)) ?? []);
    for (let place = 0; place < whole.length; place++) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (place % 8));
      await store.put(key, bytes);
      const error = await erasedPeople(store).catch((thrown: unknown) => thrown);
      expect(error, `${key} at ${place}`).toBeInstanceOf(LedgerDamaged);
      expect(String(error)).toContain(key);
    }
    await store.put(key, whole);
  }
});

test('tombstones without the hash key are an error', async () => {
  const { store } = await erasedLake();
  await store.remove(ERASURE_KEY);
  await expect(erasedPeople(store)).rejects.toThrow(ERASURE_KEY);
});

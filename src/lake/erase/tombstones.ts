import { createHmac } from 'node:crypto';

import { ERASURE_KEY, ERASURES } from '../layout.ts';
import type { NobodysRow, Wanted } from '../ports/finder.ts';
import type { Store } from '../ports/store.ts';
import { ledgerDamaged, sealed, unsealed } from '../seal.ts';

/**
 * What is kept of somebody who was erased: keyed hashes, so that the rows of a file that comes again are known and the tombstone names nobody.
 * `names` are of the customer_id, customer keys, e-mail addresses and names; `purchases` of those that others' older versions would bring back.
 */
export type Tombstone = { format: 1; names: string[]; purchases: string[] };

/** What is hashed is never a bare value: a customer_id is not mistaken for a key of the same digits. */
type Said = 'id' | 'key' | 'email' | 'name' | 'purchase';
export type Hash = (said: Said, ...values: string[]) => string;

/** Hashes with the lake's own key. */
export const hashWith =
  (key: string): Hash =>
  (said, ...values) =>
    createHmac('sha256', Buffer.from(key, 'hex'))
      .update([said, ...values].join('\0'))
      .digest('hex');

export const tombstoneKey = (hash: Hash, customer: number): string =>
  `${ERASURES}${hash('id', String(customer))}.json`;

/** The lake's key for hashes, made where there is none yet; `fresh` is 32 random bytes as hex. */
export async function hashOf(store: Store, fresh: string): Promise<Hash> {
  await store.create(ERASURE_KEY, sealed({ key: fresh }));
  return (await knownHash(store)) ?? hashWith(fresh);
}

/** Undefined where nobody was ever erased. Error: `LedgerDamaged`. */
export async function knownHash(store: Store): Promise<Hash | undefined> {
  const bytes = await store.read(ERASURE_KEY);
  if (bytes !== undefined) return hashWith((unsealed(ERASURE_KEY, bytes) as { key: string }).key);
  for await (const { key } of store.list(ERASURES))
    throw ledgerDamaged(ERASURE_KEY, `it is missing, so nobody can tell whom ${key} keeps away`);
  return undefined;
}

export async function readTombstone(store: Store, key: string): Promise<Tombstone | undefined> {
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  return unsealed(key, bytes) as Tombstone;
}

/** All that two tombstones of somebody know. */
export function joined(known: Tombstone | undefined, more: Tombstone): Tombstone {
  const all = (of: 'names' | 'purchases'): string[] =>
    [...new Set([...(known?.[of] ?? []), ...more[of]])].toSorted();
  return { format: 1, names: all('names'), purchases: all('purchases') };
}

export const writeTombstone = (store: Store, key: string, tombstone: Tombstone): Promise<void> =>
  store.put(key, sealed(tombstone));

/** Everybody who was erased from the lake, as rows are asked for; undefined where nobody was. Errors: `LedgerDamaged`. */
export async function erasedPeople(store: Store): Promise<Wanted | undefined> {
  const hash = await knownHash(store);
  if (hash === undefined) return undefined;
  const stones: Tombstone[] = [];
  for await (const { key } of store.list(ERASURES)) {
    const stone = key.endsWith('.json') ? await readTombstone(store, key) : undefined;
    if (stone !== undefined) stones.push(stone);
  }
  return stones.length === 0 ? undefined : wantedBy(hash, stones);
}

export function wantedBy(hash: Hash, stones: readonly Tombstone[]): Wanted {
  const names = new Set(stones.flatMap((stone) => stone.names));
  const purchases = new Set(stones.flatMap((stone) => stone.purchases));
  const has = (said: Said, value: string | null): boolean =>
    value !== null && names.has(hash(said, value));
  return {
    customer: (id, key) => has('id', id) || has('key', key),
    ...(purchases.size === 0
      ? {}
      : { purchase: (source, id) => purchases.has(hash('purchase', source, id)) }),
    nobodys: (row) => nobodysMention(row, has),
  };
}

const LONGEST_NAME = 6;

/** A row that was read but names no customer is known by its address, or by its name where it has none; a malformed one by any word of it. */
function nobodysMention(
  { malformed, raw, email, name }: NobodysRow,
  has: (said: Said, value: string | null) => boolean,
): boolean {
  if (!malformed) return email === null ? has('name', lowered(name)) : has('email', email);
  const words = raw.split(/[\s,;|"'{}[\]:<>()]+/u).filter((word) => word !== '');
  return words.some((word, at) => {
    const lower = word.toLowerCase();
    if (has('email', lower) || has('key', lower) || has('id', wholeNumber(word))) return true;
    for (let length = 1; length <= LONGEST_NAME && at + length <= words.length; length++)
      if (
        has(
          'name',
          words
            .slice(at, at + length)
            .join(' ')
            .toLowerCase(),
        )
      )
        return true;
    return false;
  });
}

export const lowered = (text: string | null): string | null => text?.toLowerCase() ?? null;

const wholeNumber = (word: string): string | null =>
  /^[+-]?[0-9]{1,12}(?:\.0*)?$/.test(word) ? String(Number(word)) : null;

import { createHmac } from 'node:crypto';

import type { CustomerName } from '../customer/facts.ts';
import { ERASURE_KEY, ERASURES } from '../layout.ts';
import type { VersionOrder } from '../ports/person-search.ts';
import type { Store } from '../ports/store.ts';
import { ledgerDamaged, sealed, unsealed } from '../ledger/seal.ts';
import { isOlder } from './version-order.ts';

/**
 * What is kept of an erased person: keyed hashes, which recognise rows of a file that is sent again
 * and hold no personal data. `names`: of the customer_id, customer keys, e-mail addresses and
 * names; a name alone never removes a row. `purchases`: purchases with older versions of other
 * customers, which would count again; `until`: the erased customer's version of each. `own`:
 * purchases of which all versions were the person's. `rows`: rows without a customer that the
 * operator chose to remove. `hidden`: the person's integers in gold, encrypted with the lake's key,
 * each under its hash; absent in tombstones of older versions.
 */
export type Tombstone = {
  format: 1;
  names: string[];
  purchases: string[];
  until?: Record<string, VersionOrder>;
  own?: string[];
  rows?: string[];
  hidden?: Record<string, string>;
};

/** The kind is hashed with the value: a customer_id and a key of the same digits differ. */
export type HashedKind = 'id' | 'key' | 'email' | 'name' | 'purchase' | 'row' | 'pad';
export type Hash = (kind: HashedKind, ...values: string[]) => string;

/** Returns a hash function with the lake's key, hex. */
export const hashWith =
  (key: string): Hash =>
  (kind, ...values) =>
    createHmac('sha256', Buffer.from(key, 'hex'))
      .update([kind, ...values].join('\0'))
      .digest('hex');

export const tombstoneKey = (hash: Hash, customer: number): string =>
  `${ERASURES}${hash('id', String(customer))}.json`;

/** Creates the lake's hash key if it has none; `newKey` is 32 random bytes as hex. */
export async function hashOf(store: Store, newKey: string): Promise<Hash> {
  await store.create(ERASURE_KEY, sealed({ key: newKey }));
  return (await knownHash(store)) ?? hashWith(newKey);
}

/** Undefined in a lake without erasures. Error: `LedgerDamaged`. */
export async function knownHash(store: Store): Promise<Hash | undefined> {
  const bytes = await store.read(ERASURE_KEY);
  if (bytes !== undefined) return hashWith((unsealed(ERASURE_KEY, bytes) as { key: string }).key);
  for await (const { key } of store.list(ERASURES))
    throw ledgerDamaged(ERASURE_KEY, `it is missing, so the hashes of ${key} cannot be compared`);
  return undefined;
}

export async function readTombstone(store: Store, key: string): Promise<Tombstone | undefined> {
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  return unsealed(key, bytes) as Tombstone;
}

/** Merges two tombstones of a person. */
export function joined(known: Tombstone | undefined, more: Tombstone): Tombstone {
  const all = (of: 'names' | 'purchases' | 'own' | 'rows'): string[] =>
    [...new Set([...(known?.[of] ?? []), ...(more[of] ?? [])])].toSorted();
  const until = { ...known?.until };
  for (const [purchase, order] of Object.entries(more.until ?? {})) {
    const before = until[purchase];
    if (before === undefined || isOlder(before, order)) until[purchase] = order;
  }
  return {
    format: 1,
    names: all('names'),
    purchases: all('purchases'),
    until,
    own: all('own'),
    rows: all('rows'),
    hidden: { ...known?.hidden, ...more.hidden },
  };
}

/** Encrypts customers' integers for a tombstone. */
export const hiddenIds = (hash: Hash, ids: readonly number[]): Record<string, string> =>
  Object.fromEntries(
    ids.map((id) => {
      const name = hash('id', String(id));
      return [name, ((padOf(hash, name) ^ id) >>> 0).toString(16)];
    }),
  );

/** Decrypts the integers of a tombstone. */
export const idsHidden = (hash: Hash, { hidden = {} }: Tombstone): number[] =>
  Object.entries(hidden).map(([name, id]) => padOf(hash, name) ^ parseInt(id, 16));

/** Derives a one-time pad for one integer from a keyed hash of its hash. */
const padOf = (hash: Hash, name: string): number => parseInt(hash('pad', name).slice(0, 8), 16);

export const writeTombstone = (store: Store, key: string, tombstone: Tombstone): Promise<void> =>
  store.put(key, sealed(tombstone));

/** Returns all tombstones; undefined in a lake without erasures. Errors: `LedgerDamaged`. */
export async function erasedPeople(
  store: Store,
): Promise<{ hash: Hash; tombstones: Tombstone[] } | undefined> {
  const hash = await knownHash(store);
  if (hash === undefined) return undefined;
  const tombstones: Tombstone[] = [];
  for await (const { key } of store.list(ERASURES)) {
    const tombstone = key.endsWith('.json') ? await readTombstone(store, key) : undefined;
    if (tombstone !== undefined) tombstones.push(tombstone);
  }
  return tombstones.length === 0 ? undefined : { hash, tombstones };
}

/**
 * Returns the integers of erased people. No customer key may get one of them. Error:
 * `LedgerDamaged`.
 */
export async function erasedIds(store: Store): Promise<number[]> {
  const erased = await erasedPeople(store);
  if (erased === undefined) return [];
  return erased.tombstones.flatMap((tombstone) => idsHidden(erased.hash, tombstone));
}

/**
 * Returns the integer of a person whose erasure has begun, by a customer key or e-mail address that
 * the lake may no longer hold. Undefined where no tombstone, or those of several people, match.
 */
export async function idOfErased(
  store: Store,
  customer: CustomerName,
  hash: Hash,
): Promise<number | undefined> {
  if (customer.kind === 'id') return undefined;
  const names =
    customer.kind === 'key'
      ? [hash('key', customer.key)]
      : [hash('key', customer.text), hash('email', customer.text)];
  const found = new Set<number>();
  for await (const { key } of store.list(ERASURES)) {
    const tombstone = key.endsWith('.json') ? await readTombstone(store, key) : undefined;
    if (tombstone === undefined || !names.some((name) => tombstone.names.includes(name))) continue;
    const id = idsHidden(hash, tombstone).find((one) => tombstoneKey(hash, one) === key);
    if (id !== undefined) found.add(id);
  }
  const [only, ...more] = found;
  return more.length === 0 ? only : undefined;
}

import type { CustomerName } from '../customer-facts.ts';
import { ERASURES } from '../layout.ts';
import type { LakeState } from '../records.ts';
import type { EraseLake } from './erase-lake.ts';
import { readPending } from './pending.ts';
import { type Hash, readTombstone, tombstoneKey } from './tombstones.ts';

/**
 * The integer of somebody whose erasure began, by a customer key or an e-mail address that the lake itself may no longer have: of an erasure that was killed
 * by its note, of one that ended by trying the integers of the registry. Undefined where that is nobody, or several people.
 */
export async function idOfErased(
  { work: { store }, settings }: EraseLake,
  { keys: { next } }: LakeState,
  customer: CustomerName,
  hash: Hash,
): Promise<number | undefined> {
  if (customer.kind === 'id') return undefined;
  const names =
    customer.kind === 'key'
      ? [hash('key', customer.key)]
      : [hash('key', customer.text), hash('email', customer.text)];
  const theirs = new Set<string>();
  const found = new Set<number>();
  for await (const { key } of store.list(ERASURES)) {
    const stone = key.endsWith('.json') ? await readTombstone(store, key) : undefined;
    if (!names.some((name) => stone?.names.includes(name) === true)) continue;
    const id = (await readPending(store, key))?.customer;
    if (id === undefined) theirs.add(key);
    else found.add(id);
  }
  const end = theirs.size === 0 || next === null ? settings.firstCustomerId : next;
  for (let id = settings.firstCustomerId; id < end; id++)
    if (theirs.has(tombstoneKey(hash, id))) found.add(id);
  const [only, ...more] = found;
  return more.length === 0 ? only : undefined;
}

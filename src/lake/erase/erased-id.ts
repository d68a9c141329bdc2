import type { CustomerName } from '../customer/facts.ts';
import { ERASURES } from '../layout.ts';
import type { Store } from '../ports/store.ts';
import { type Hash, idsHidden, readTombstone, tombstoneKey } from './tombstones.ts';

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

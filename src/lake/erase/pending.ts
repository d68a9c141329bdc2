import type { Store } from '../ports/store.ts';
import type { Rewrite } from '../rewrite/rewrite.ts';

/**
 * What an erasure that has not ended yet rewrites, and the rows that it was given by `--also`.
 * `customer`: the integer, by which a key or an address finds the person again once nothing else of
 * the lake knows it; notes of earlier versions lack it.
 */
export type Pending = { customer?: number; objects: Rewrite[]; also: string[] };

export const noPending = (): Pending => ({ objects: [], also: [] });

const pendingKey = (tombstone: string): string => tombstone.replace(/\.json$/, '.pending');

export async function readPending(store: Store, tombstone: string): Promise<Pending | undefined> {
  const bytes = await store.read(pendingKey(tombstone));
  if (bytes === undefined) return undefined;
  const read = JSON.parse(Buffer.from(bytes).toString('utf8')) as Pending | Rewrite[];
  // Earlier versions noted the objects alone.
  return Array.isArray(read) ? { objects: read, also: [] } : read;
}

export const writePending = (store: Store, tombstone: string, pending: Pending): Promise<void> =>
  store.put(pendingKey(tombstone), Buffer.from(`${JSON.stringify(pending)}\n`));

export const removePending = (store: Store, tombstone: string): Promise<void> =>
  store.remove(pendingKey(tombstone));

import type { Store } from '../ports/store.ts';
import type { Rewrite } from '../rewrite/rewrite.ts';

/**
 * State of an unfinished erasure: the planned rewrites, and the rows of `--also`. `customer`: the
 * integer, which identifies the person by key or address once the lake no longer holds them; absent
 * in files of earlier versions.
 */
export type Pending = { customer?: number; objects: Rewrite[]; also: string[] };

export const noPending = (): Pending => ({ objects: [], also: [] });

const pendingKey = (tombstone: string): string => tombstone.replace(/\.json$/, '.pending');

export async function readPending(store: Store, tombstone: string): Promise<Pending | undefined> {
  const bytes = await store.read(pendingKey(tombstone));
  if (bytes === undefined) return undefined;
  const read = JSON.parse(Buffer.from(bytes).toString('utf8')) as Pending | Rewrite[];
  // Earlier versions wrote the objects only.
  return Array.isArray(read) ? { objects: read, also: [] } : read;
}

export const writePending = (store: Store, tombstone: string, pending: Pending): Promise<void> =>
  store.put(pendingKey(tombstone), Buffer.from(`${JSON.stringify(pending)}\n`));

export const removePending = (store: Store, tombstone: string): Promise<void> =>
  store.remove(pendingKey(tombstone));

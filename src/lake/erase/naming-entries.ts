import { CHECKPOINTS, COMMITS } from '../layout.ts';
import { readCheckpoint, readCommit } from '../ledger/ledger.ts';
import type { Store } from '../ports/store.ts';
import type { ObjectRecord } from '../ledger/records.ts';
import type { WantedPeople } from './wanted.ts';

/** Ledger entries that name a person: seqs of commits, and keys of checkpoints. */
export type NamingEntries = { commits: number[]; checkpoints: string[] };

/**
 * Returns the commits and checkpoints whose messages or column lists name a wanted person. Earlier
 * builds quoted the first line of a file without a header in them. A commit cannot be rewritten,
 * since the next one holds its digest; a checkpoint can be removed.
 */
export async function namingEntries(store: Store, wanted: WantedPeople): Promise<NamingEntries> {
  const found: NamingEntries = { commits: [], checkpoints: [] };
  for await (const { key } of store.list(COMMITS)) {
    const { commit } = await readCommit(store, key);
    const { added, replaced, remade } = commit.objects;
    if ([...added, ...replaced, ...remade].some((record) => namesPerson(record, wanted)))
      found.commits.push(commit.seq);
  }
  for await (const { key } of store.list(CHECKPOINTS)) {
    const { objects } = await readCheckpoint(store, key);
    if ([...objects.values()].some((record) => namesPerson(record, wanted)))
      found.checkpoints.push(key);
  }
  return found;
}

/** True for an address, key or name. A number alone does not count: messages hold many numbers. */
function namesPerson({ refused, drift }: ObjectRecord, wanted: WantedPeople): boolean {
  const text = [refused?.message ?? '', ...drift].join(', ');
  const mention = wanted.unattributed('', {
    malformed: true,
    raw: text,
    email: null,
    name: null,
    purchaseId: null,
  });
  return mention !== undefined && mention.why !== 'number';
}

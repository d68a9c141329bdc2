import type { Partition } from '@aws-sdk/client-glue';

import { goldDays } from '../../lake/ledger/gold-days.ts';
import { COMMITS, commitKey, seqOfKey } from '../../lake/layout.ts';
import { readCommit } from '../../lake/ledger/ledger.ts';
import type { Store } from '../../lake/ports/store.ts';
import type { Commit, LakeState } from '../../lake/ledger/records.ts';
import { LAKE, partitionInput, SEQ } from './definition.ts';
import { addPartitions, dropPartitions, movePartitions, partitionsOf } from './partitions.ts';
import { type Database, seqOf } from './switch-table.ts';
import { TABLES } from './tables.ts';

type Goldable = Pick<Commit, 'seq' | 'gold'>;

const HISTORY = TABLES.goldHistory;

/**
 * Moves the partitions of gold's days to the commits after `published`, and drops withdrawn days.
 * The newest day is always checked: a slower publisher may have moved it back, and will call this
 * again itself.
 */
export async function publishHistory(
  at: Database & { store: Store; location: string },
  ledger: LakeState,
  published: number,
): Promise<void> {
  const commits = [...(await commitsAfter(at.store, published, ledger.seq)), ledger];
  const found = await partitionsOf(at, HISTORY.name);
  const days = goldDays(commits);
  const wanted = days.map(({ day, seq, gold }) =>
    partitionInput(HISTORY, day.split('-'), `${at.location}/${gold.prefix}`, {
      [SEQ]: String(seq),
      [LAKE]: ledger.lake ?? '',
    }),
  );
  const key = (input: { Values?: string[] | undefined }): string => (input.Values ?? []).join('/');
  const isThere = (input: (typeof wanted)[number]): boolean => found.has(key(input));
  await addPartitions(
    at,
    HISTORY.name,
    wanted.filter((input) => !isThere(input)),
  );
  const older = wanted.filter((input) => isOlder(found.get(key(input)), input, ledger.lake));
  await movePartitions(at, HISTORY.name, older);
  const kept = new Set(wanted.map(key));
  await dropPartitions(at, HISTORY.name, withdrawn(commits, found, kept, ledger.lake));
}

/** Returns the commit whose gold the newest day shows; null if the partition is missing. */
export async function newestInHistory(at: Database, lake: string | null): Promise<number | null> {
  const found = [...(await partitionsOf(at, HISTORY.name))].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const newest = found.at(-1)?.[1];
  return newest === undefined ? null : seqOf(newest, lake);
}

async function commitsAfter(store: Store, published: number, seq: number): Promise<Goldable[]> {
  const commits: Goldable[] = [];
  const after = published === 0 ? {} : { after: commitKey(published) };
  for await (const { key } of store.list(COMMITS, after))
    if (seqOfKey(key) < seq) commits.push((await readCommit(store, key)).commit);
  return commits;
}

function isOlder(
  found: Partition | undefined,
  wanted: { Parameters?: Record<string, string> | undefined },
  lake: string | null,
): boolean {
  return found !== undefined && (seqOf(found, lake) ?? 0) < (seqOf(wanted, lake) ?? 0);
}

/**
 * Finds the days to drop: those after the commit's own, and those of another lake that used this
 * database before.
 */
function withdrawn(
  commits: readonly Goldable[],
  found: ReadonlyMap<string, Partition>,
  wanted: ReadonlySet<string>,
  lake: string | null,
): string[][] {
  const lasts = commits.map(({ gold }) => gold?.day.replaceAll('-', '/') ?? '');
  const earliest = lasts.toSorted()[0] ?? '';
  return [...found]
    .filter(([day, partition]) => day > earliest || seqOf(partition, lake) === null)
    .filter(([day]) => !wanted.has(day))
    .map(([day]) => day.split('/'));
}

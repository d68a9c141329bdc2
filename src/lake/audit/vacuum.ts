import { goldDays } from '../ledger/gold-days.ts';
import { voidNotes } from '../rewrite/erased-rows.ts';
import {
  CATALOG,
  CHECKPOINTS,
  CUSTOMER_KEYS,
  ERASURES,
  GOLD,
  QUARANTINE,
  RUNS,
  SILVER,
} from '../layout.ts';
import { readCommits, readLedger } from '../ledger/ledger.ts';
import type { ObjectInfo, Store } from '../ports/store.ts';
import type { SyncState } from '../ports/warehouse.ts';
import type { Commit } from '../ledger/records.ts';
import { RUN_DOCUMENTS } from '../run/run-documents.ts';

export type VacuumOptions = {
  /** Number of newest days whose gold is kept. */
  keep: number;
  /** Report only; remove nothing. */
  dryRun: boolean;
  now: Date;
  /** The serving table's state: its next load starts from the gold of that commit. */
  sync: SyncState | undefined;
  signal: AbortSignal;
};

/** Removed files (in a dry run, the files to remove); `days` are those whose gold is kept. */
export type Vacuumed = { removed: { key: string; size: number }[]; bytes: number; days: string[] };

/** Younger files may belong to a run that has not committed yet. */
const GRACE_SECONDS = 86_400;
/** The newest checkpoint and one spare. */
const CHECKPOINTS_KEPT = 2;
const LISTS_KEPT = 2;
/** Documents of a run's states and unfinished files of jobs. The run's own document is kept. */
const TEMPORARY = new RegExp(
  String.raw`/(?:(?:${RUN_DOCUMENTS.join('|')}|[a-z-]+-task)\.json|rates(?:-[0-9a-f]+)?\.csv(?:\.gz)?|changed-gold/.+|spark-[^/]+/.+)$`,
);

/**
 * Removes files that are no longer needed and older than a day: gold, except the last version of
 * the newest `keep` days, of the newest commit and of the serving table's seq; silver and
 * quarantine files that no live object has; files of runs that never committed; documents of killed
 * runs; older checkpoints and lists of the catalog; notes of erasures that match no live object.
 * Commits are never removed. Removals are independent, so it may be killed at any point and run
 * again.
 */
export async function vacuum(store: Store, options: VacuumOptions): Promise<Vacuumed> {
  const ledger = await readLedger(store);
  const commits: Commit[] = [];
  for await (const { commit } of readCommits(store)) commits.push(commit);
  const days = options.keep === 0 ? [] : goldDays(commits).slice(-options.keep);
  const held = commits.filter(
    ({ lake, seq }) => lake === options.sync?.lake && seq === options.sync.seq,
  );
  const needed = new Set(
    [
      ...ledger.files.values(),
      ...ledger.keys.files,
      ...(ledger.keys.former ?? []),
      ...[ledger, ...held, ...days].flatMap(({ gold }) => gold?.files ?? []),
    ].map(({ key }) => key),
  );
  const result: Vacuumed = { removed: [], bytes: 0, days: days.map(({ day }) => day) };
  const unused = new Set(await voidNotes(store, ledger.objects));
  for await (const info of unneeded(store, needed, unused)) {
    options.signal.throwIfAborted();
    if (!(await isOld(store, info, options))) continue;
    if (!options.dryRun) await store.remove(info.key);
    result.removed.push({ key: info.key, size: info.size });
    result.bytes += info.size;
  }
  return result;
}

async function* unneeded(
  store: Store,
  needed: ReadonlySet<string>,
  notes: ReadonlySet<string>,
): AsyncGenerator<ObjectInfo> {
  if (notes.size > 0)
    for await (const info of store.list(ERASURES)) if (notes.has(info.key)) yield info;
  for (const prefix of [CUSTOMER_KEYS, GOLD, QUARANTINE, SILVER])
    for await (const info of store.list(prefix)) if (!needed.has(info.key)) yield info;
  yield* olderLists(store);
  const checkpoints: ObjectInfo[] = [];
  for await (const info of store.list(CHECKPOINTS)) checkpoints.push(info);
  yield* checkpoints.slice(0, -CHECKPOINTS_KEPT);
  for await (const info of store.list(RUNS)) if (TEMPORARY.test(info.key)) yield info;
}

/**
 * Yields the catalog's lists except the newest two of each: readers use the newest, or, while it is
 * being published, the one before.
 */
async function* olderLists(store: Store): AsyncGenerator<ObjectInfo> {
  const lists = new Map<string, ObjectInfo[]>();
  for await (const info of store.list(CATALOG)) {
    const [, list = ''] = info.key.split('/');
    lists.set(list, [...(lists.get(list) ?? []), info]);
  }
  for (const infos of lists.values()) yield* infos.slice(0, -LISTS_KEPT);
}

/**
 * Checks the file again right before it is removed: a run may just have rewritten it, since names
 * are derived from the content.
 */
async function isOld(
  store: Store,
  { key, etag, modified }: ObjectInfo,
  { now }: VacuumOptions,
): Promise<boolean> {
  if (now.getTime() / 1000 - modified < GRACE_SECONDS) return false;
  const found = await store.head(key);
  // In S3 the same bytes have the same etag at any time, so the time is compared too.
  return found?.etag === etag && found.modified === modified;
}

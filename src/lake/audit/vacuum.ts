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
  /** How many days of gold stay: the newest ones. */
  keep: number;
  /** Only tell. */
  dryRun: boolean;
  now: Date;
  /** What the serving table was last made equal to: its next load starts from that gold. */
  sync: SyncState | undefined;
  signal: AbortSignal;
};

/** What was removed, or would be; `days` are those whose gold is kept. */
export type Vacuumed = { removed: { key: string; size: number }[]; bytes: number; days: string[] };

/** Young files may be those of a run that has not committed yet. */
const GRACE_SECONDS = 86_400;
/** The newest, and one to fall back on. */
const CHECKPOINTS_KEPT = 2;
const LISTS_KEPT = 2;
/** What the states of a run hand on, and what jobs left half-made; the run's own line stays. */
const TEMPORARY = new RegExp(
  String.raw`/(?:(?:${RUN_DOCUMENTS.join('|')}|[a-z-]+-task)\.json|rates(?:-[0-9a-f]+)?\.csv(?:\.gz)?|changed-gold/.+|spark-[^/]+/.+)$`,
);

/**
 * Removes what nothing needs any more and is a day old: gold but for the last version of the newest
 * `keep` days, of the newest commit and of the serving table's seq; silver and quarantine files
 * that no live object has; files of runs that never committed; documents of killed runs; older
 * checkpoints and lists of the catalog; notes of erasures that fit no live object. Commits stay for
 * ever. Each removal stands for itself, so it may be killed anywhere and run again.
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
 * Lists of the catalog but for the newest two of each: readers go by the newest, or, while it is
 * published, by the one before.
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
 * Looked at once more right before it goes: a run may just have made the very file again, under the
 * name that its content gives.
 */
async function isOld(
  store: Store,
  { key, etag, modified }: ObjectInfo,
  { now }: VacuumOptions,
): Promise<boolean> {
  if (now.getTime() / 1000 - modified < GRACE_SECONDS) return false;
  const found = await store.head(key);
  // The same bytes have the same etag in S3, whenever they were written.
  return found?.etag === etag && found.modified === modified;
}

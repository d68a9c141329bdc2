import { isReadable } from '../bronze/scan.ts';
import { BRONZE, REFERENCE_RATES } from '../layout.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { ObjectInfo, Store } from '../ports/store.ts';
import type { ObjectRecord } from '../ledger/records.ts';

/**
 * The inputs of a run at one time: etags by key. `moving`: objects that may still be being written.
 */
export type Snapshot = {
  settled: ReadonlyMap<string, string>;
  moving: ReadonlySet<string>;
  /** Times of the last observed change and of this snapshot: milliseconds since 1970. */
  changedAt: number;
  at: number;
};

/** Longest wait in a continuous burst of changes before a run starts. */
const PATIENCE_MS = 15_000;

/**
 * Returns a function that takes a snapshot of bronze and the lake's rates. An object that was
 * created or changed its etag less than `settleMs` ago may be incomplete and is `moving`. Where
 * writes are atomic, as in S3, `settleMs` is 0. Names that no run reads, such as `.part` and
 * `.tmp`, are ignored.
 */
export function changeDetector(store: Store, settleMs: number): (at: number) => Promise<Snapshot> {
  let seen = new Map<string, { etag: string; since: number }>();
  let changedAt = -Infinity;
  return async (at) => {
    const now = new Map<string, { etag: string; since: number }>();
    for (const prefix of [BRONZE, REFERENCE_RATES])
      for await (const { key, etag } of store.list(prefix, { onSkipped: () => {} })) {
        const before = seen.get(key);
        if (isReadable(key)) now.set(key, before?.etag === etag ? before : { etag, since: at });
      }
    const isNew = [...now].some(([key, one]) => one !== seen.get(key));
    if (isNew || now.size !== seen.size) changedAt = at;
    seen = now;
    const isSettled = ({ since }: { since: number }): boolean => at - since >= settleMs;
    return {
      settled: new Map(
        [...now].filter(([, one]) => isSettled(one)).map(([k, { etag }]) => [k, etag]),
      ),
      moving: new Set([...now].filter(([, one]) => !isSettled(one)).map(([key]) => key)),
      changedAt,
      at,
    };
  };
}

/**
 * Decides when a run is due: once nothing has changed for `settleMs`, so that a burst is one run,
 * or after `PATIENCE_MS`.
 */
export function runScheduler(settleMs: number): {
  isDue(now: Snapshot): boolean;
  ran(snapshot: Snapshot): void;
} {
  let done: Snapshot['settled'] | undefined;
  let dueSince: number | undefined;
  return {
    isDue(now) {
      if (!needsRun(done, now)) {
        dueSince = undefined;
        return false;
      }
      dueSince ??= now.at;
      return now.at - now.changedAt >= settleMs || now.at - dueSince >= PATIENCE_MS;
    },
    ran({ settled }) {
      done = settled;
      dueSince = undefined;
    },
  };
}

function needsRun(done: Snapshot['settled'] | undefined, { settled, moving }: Snapshot): boolean {
  if (done === undefined) return true;
  const isNew = [...settled].some(([key, etag]) => done.get(key) !== etag);
  return isNew || [...done.keys()].some((key) => !settled.has(key) && !moving.has(key));
}

/**
 * The store for a run: a bronze object that has not settled is listed as recorded in the ledger, or
 * not at all if it is new.
 */
export function settledOnly(store: Store, { settled }: Snapshot): Store {
  const isWhole = ({ key, etag }: ObjectInfo): boolean =>
    !key.startsWith(BRONZE) || !isReadable(key) || settled.get(key) === etag;
  return {
    ...store,
    async *list(prefix, options) {
      let recorded: ReadonlyMap<string, ObjectRecord> | undefined;
      for await (const info of store.list(prefix, options)) {
        if (isWhole(info)) {
          yield info;
          continue;
        }
        recorded ??= (await readLedger(store)).objects;
        const record = recorded.get(info.key.slice(BRONZE.length));
        if (record === undefined) continue;
        const { size, etag, modified } = record;
        yield { key: info.key, size, etag, modified };
      }
    },
  };
}

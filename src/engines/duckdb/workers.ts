import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import type { Workspace } from '../../lake/ports/engine.ts';
import { type DuckdbOptions, openSession, type Session } from './session.ts';

const MOST_WORKERS = 8;
/**
 * Memory of one worker. With less, a worker would fail on one huge object. More is not needed, and
 * quoted texts would fill it before they spill: a single worker has the same limit, so that reading
 * a gigabyte of quoted text takes less than a gigabyte.
 */
const WORKER_MEGABYTES = 400;

/** Sessions that run in parallel, each on one thread. */
export type Workers = AsyncDisposable & { sessions: Session[] };

/**
 * Opens one worker for each core, at most `limit`. The ledger identifies a Parquet file by its
 * bytes, which must not depend on the scheduling of threads: workers process batches in parallel,
 * and each batch has one thread.
 */
export async function openWorkers(
  options: DuckdbOptions,
  { scratch, signal }: Pick<Workspace, 'scratch' | 'signal'>,
  limit: number,
): Promise<Workers> {
  const megabytes = megabytesOf(options.memoryLimit);
  const count = Math.max(
    1,
    Math.min(
      options.threads ?? availableParallelism(),
      MOST_WORKERS,
      limit,
      Math.floor(megabytes / WORKER_MEGABYTES),
    ),
  );
  const sessions: Session[] = [];
  const workers: Workers = {
    sessions,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) await session[Symbol.asyncDispose]();
    },
  };
  const memoryLimit = `${Math.min(WORKER_MEGABYTES, Math.floor(megabytes / count))}MB`;
  try {
    for (let worker = 0; worker < count; worker++)
      sessions.push(
        await openSession({
          threads: 1,
          memoryLimit,
          scratch: join(scratch, `lane-${worker}`),
          signal,
          ...(options.profiles === undefined
            ? {}
            : { profiles: join(options.profiles, `lane-${worker}`) }),
        }),
      );
    return workers;
  } catch (error) {
    await workers[Symbol.asyncDispose]();
    throw error;
  }
}

function megabytesOf(limit: string): number {
  const [, amount, unit] = /^([0-9]+)(MB|GB)$/.exec(limit) ?? [];
  if (amount === undefined || unit === undefined)
    throw new Error(`Invalid memory limit ${limit}: expected a value such as 800MB`);
  return Number(amount) * (unit === 'GB' ? 1_000 : 1);
}

/**
 * Runs `work` on each item in the next free session and returns the results in the order of the
 * items. Prefetches one item for each worker, the first ones while `prepare` sets up the sessions:
 * workers with similar items finish at the same time and would wait at the same time. After the
 * first error the other workers finish their current items, then the error is thrown.
 */
export async function overWorkers<Item, Result>(
  { sessions }: Workers,
  items: AsyncGenerator<Item>,
  work: (session: Session, item: Item) => Promise<Result>,
  prepare: (session: Session) => Promise<void> = async () => {},
): Promise<Result[]> {
  const results: Result[] = [];
  const started = (): Promise<IteratorResult<Item>> => {
    const next = items.next();
    // Awaited later; without a handler a failure until then would be an unhandled rejection.
    next.catch(() => {});
    return next;
  };
  const prefetched = sessions.map(started);
  let nextIndex = 0;
  const failed = new AbortController();
  const worker = async (session: Session): Promise<void> => {
    try {
      await prepare(session);
      while (!failed.signal.aborted) {
        const index = nextIndex++;
        prefetched.push(started());
        const { value, done } = await (prefetched.shift() ?? started());
        if (done === true) return;
        results[index] = await work(session, value);
      }
    } catch (error) {
      failed.abort();
      throw error;
    }
  };
  const workers = await Promise.allSettled(sessions.map(worker));
  await Promise.allSettled(prefetched);
  const failure = workers.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results;
}

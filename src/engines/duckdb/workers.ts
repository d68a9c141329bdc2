import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import type { Workspace } from '../../lake/ports/engine.ts';
import { type DuckdbOptions, openSession, type Session } from './session.ts';

const MOST_WORKERS = 8;
/**
 * With less each, a lane that meets one huge object would fail. None needs more, though texts in
 * quotes fill whatever they may before they spill: a lane alone has no more either, so that a
 * gigabyte of them takes less than one.
 */
const WORKER_MEGABYTES = 400;

/** Sessions that work side by side, each on one thread. */
export type Workers = AsyncDisposable & { sessions: Session[] };

/**
 * Opens a lane for each core, at most `most`. Bytes of a Parquet file, by which the ledger knows
 * it, must not hang on how threads meet, so batches are made side by side rather than one batch by
 * several threads.
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
    throw new Error(`${limit} is no memory limit such as 800MB`);
  return Number(amount) * (unit === 'GB' ? 1_000 : 1);
}

/**
 * Hands what `items` yields to whichever session is free; the results in the order of the items. As
 * many items as there are lanes are made ready ahead, the first of them while `open` prepares the
 * sessions: lanes whose items are alike finish together, and would wait for them together. The
 * first error ends the work once the other lanes have finished their items.
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
    // It is awaited later: until then its failure is nobody's.
    next.catch(() => {});
    return next;
  };
  const ready = sessions.map(started);
  let nextIndex = 0;
  const failed = new AbortController();
  const worker = async (session: Session): Promise<void> => {
    try {
      await prepare(session);
      while (!failed.signal.aborted) {
        const index = nextIndex++;
        ready.push(started());
        const { value, done } = await (ready.shift() ?? started());
        if (done === true) return;
        results[index] = await work(session, value);
      }
    } catch (error) {
      failed.abort();
      throw error;
    }
  };
  const workers = await Promise.allSettled(sessions.map(worker));
  await Promise.allSettled(ready);
  const failure = workers.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results;
}

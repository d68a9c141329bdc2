import { setTimeout } from 'node:timers/promises';

/**
 * How often a failure that may pass is tried again; `random` answers a number from 0 to below 1.
 */
export type RetryPolicy = { attempts: number; baseMs: number; maxMs: number; random: () => number };

/**
 * Nine tries within 13 s at most: a restart is outlasted, a failover is left to the state machine's
 * own Retry.
 */
export function retryPolicy(random: () => number): RetryPolicy {
  return { attempts: 9, baseMs: 100, maxMs: 3000, random };
}

/**
 * Runs the work again while it fails in a way that may pass by itself. The pause is drawn between
 * nothing and a bound that doubles (full jitter), so that writers who collided do not collide
 * again.
 */
export async function retrying<T>(
  { attempts, baseMs, maxMs, random }: RetryPolicy,
  mayPass: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !mayPass(error)) throw error;
      await setTimeout(random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
    }
  }
}

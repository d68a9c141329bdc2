import { setTimeout } from 'node:timers/promises';

/**
 * The number of attempts and the pauses for a transient failure; `random` returns a number from 0
 * to below 1.
 */
export type RetryPolicy = { attempts: number; baseMs: number; maxMs: number; random: () => number };

/**
 * Nine tries within 13 s at most: enough for a restart; a failover is left to the state machine's
 * own Retry.
 */
export function retryPolicy(random: () => number): RetryPolicy {
  return { attempts: 9, baseMs: 100, maxMs: 3000, random };
}

/**
 * Repeats the work while it fails in a way that may be transient. The pause is drawn between zero
 * and a bound that doubles (full jitter), so that writers that collided do not collide again.
 */
export async function retrying<T>(
  { attempts, baseMs, maxMs, random }: RetryPolicy,
  isTransient: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) throw error;
      await setTimeout(random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
    }
  }
}

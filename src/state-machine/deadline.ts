import { Interrupted, PurchasesError } from '../errors.ts';
import { TaskTimeout } from './payload.ts';

/** The user's own reason to stop (a signal's exit status hangs on it), or a plain one. */
export function interruption(signal: AbortSignal, where: string): PurchasesError {
  if (signal.reason instanceof PurchasesError) return signal.reason;
  return new Interrupted(`The run was stopped${where}.`, {
    hint: 'Nothing is lost: the next run goes on from the last whole commit.',
  });
}

/**
 * Runs `work` for at most `ms` milliseconds or until `signal` fires; then work's own signal fires and
 * the call rejects at once with `TaskTimeout` or the interruption, whatever work makes of its signal.
 * The timer is set before `work` is called, so that it goes off before any that the caller sets after.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  limit: { ms: number; signal: AbortSignal; stateName: string },
): Promise<T> {
  const late = new AbortController();
  const timeout = new TaskTimeout(`${limit.stateName} did not end within ${limit.ms / 1000} s.`);
  const timer = setTimeout(() => late.abort(timeout), limit.ms);
  const stop = AbortSignal.any([limit.signal, late.signal]);
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(timeout), { once: true });
  });
  try {
    return await Promise.race([work(stop), stopped]);
  } catch (error) {
    // A handler that heeds its signal fails with an error of its own; why it was stopped is what counts.
    if (limit.signal.aborted) throw interruption(limit.signal, ` in ${limit.stateName}`);
    throw late.signal.aborted ? timeout : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work that was told to stop, but no longer than `ms`: in one process nothing can be killed. */
export async function settled(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), grace]);
  clearTimeout(timer);
}

import { Interrupted, PurchasesError } from '../errors.ts';
import { TaskTimeout } from './payload.ts';

/**
 * The reason of the signal if it is a `PurchasesError` (a signal's exit status depends on it), or a
 * generic interruption.
 */
export function interruption(signal: AbortSignal, where: string): PurchasesError {
  if (signal.reason instanceof PurchasesError) return signal.reason;
  return new Interrupted(`The run was stopped${where}.`, {
    hint: 'Nothing is lost: the next run continues from the last whole commit.',
  });
}

/**
 * Runs `work` for at most `ms` milliseconds or until `signal` fires. Then work's own signal fires
 * and the call rejects at once with `TaskTimeout` or the interruption, however work reacts to its
 * signal: this listener is the first. The timer is set before `work` is called, so it fires before
 * any that the caller sets later.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { ms, signal, stateName }: { ms: number; signal: AbortSignal; stateName: string },
): Promise<T> {
  const interrupted = () => interruption(signal, ` in ${stateName}`);
  if (signal.aborted) throw interrupted();
  const late = new AbortController();
  const timeout = new TaskTimeout(`${stateName} did not end within ${ms / 1000} s.`);
  const timer = setTimeout(() => late.abort(timeout), ms);
  const stop = AbortSignal.any([signal, late.signal]);
  const stopped = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.aborted ? interrupted() : timeout);
    stop.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([stopped, work(stop)]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for work that was asked to stop, for at most `ms`: within one process nothing can be
 * killed.
 */
export async function settled(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), grace]);
  clearTimeout(timer);
}

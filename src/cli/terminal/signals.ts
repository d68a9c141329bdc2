import { Interrupted, PurchasesError, Terminated } from '../../errors.ts';
import type { Io } from './io.ts';

const GRACE_MS = 10_000;

/** The newest stop signal of the commands that write to a stream. */
const stopping = new WeakMap<Io['stderr'], AbortSignal>();

/**
 * Creates a signal that fires on Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once, which
 * the lake survives like a crash.
 */
export function stopOnSignals(io: Io): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  stopping.set(io.stderr, controller.signal);
  let late: NodeJS.Timeout | undefined;
  const stop = (reason: Interrupted | Terminated): void => {
    controller.abort(reason);
    // Ends the process if something ignores the signal, such as a connection without an answer.
    late = setTimeout(() => process.exit(reason.exitCode), GRACE_MS).unref();
  };
  const hint = 'Nothing half-written is visible; the next run continues from the last commit.';
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    io.stderr.write('\nStopping; press Ctrl-C again to stop at once.\n');
    stop(new Interrupted('The command was interrupted.', { hint }));
  };
  const terminate = (): void => stop(new Terminated('The command was ended by SIGTERM.', { hint }));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(late);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    },
  };
}

/** The error that a command ends with: the signal that stopped it, otherwise its own error. */
export function unlessStopped(io: Io, error: unknown): unknown {
  const reason: unknown = stopping.get(io.stderr)?.reason;
  return reason instanceof PurchasesError ? reason : error;
}

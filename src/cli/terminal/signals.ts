import { Interrupted, PurchasesError, Terminated } from '../../errors.ts';
import type { Io } from './io.ts';

const GRACE_MS = 10_000;

/** What stops the commands that write to a stream: the newest of their signals. */
const stopping = new WeakMap<Io['stderr'], AbortSignal>();

/**
 * A signal that fires on Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once, which a run
 * survives as it does a crash.
 */
export function stopOnSignals(io: Io): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  stopping.set(io.stderr, controller.signal);
  let late: NodeJS.Timeout | undefined;
  const stop = (reason: Interrupted | Terminated): void => {
    controller.abort(reason);
    // What does not heed the signal, such as a connection that is never answered, is not waited
    // for.
    late = setTimeout(() => process.exit(reason.exitCode), GRACE_MS).unref();
  };
  const hint = 'Nothing half-written is visible; the next run goes on from the last commit.';
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

/**
 * The failure that a command ends with: a signal that stopped it, whatever its work then failed of.
 */
export function unlessStopped(io: Io, error: unknown): unknown {
  const reason: unknown = stopping.get(io.stderr)?.reason;
  return reason instanceof PurchasesError ? reason : error;
}

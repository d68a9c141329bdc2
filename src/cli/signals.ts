import { Interrupted, Terminated } from '../errors.ts';
import type { Io } from './io.ts';

/** A signal that fires on Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once, which a run survives as it does a crash. */
export function stopOnSignals(io: Io): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const hint = 'Nothing half-written is visible; the next run goes on from the last commit.';
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    io.stderr.write('\nStopping; press Ctrl-C again to stop at once.\n');
    controller.abort(new Interrupted('The run was interrupted.', { hint }));
  };
  const terminate = (): void =>
    controller.abort(new Terminated('The run was told to end.', { hint }));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    },
  };
}

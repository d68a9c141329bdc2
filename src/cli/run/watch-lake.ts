import { setTimeout as pause } from 'node:timers/promises';

import type { Config } from '../../config/config.ts';
import { isS3 } from '../../config/locations.ts';
import { Interrupted } from '../../errors.ts';
import {
  runScheduler,
  changeDetector,
  settledOnly,
  type Snapshot,
} from '../../lake/run/watching.ts';
import { commandLine } from '../terminal/command-line.ts';
import { failureText } from '../terminal/failure.ts';
import type { Io } from '../terminal/io.ts';
import { runLake, type RunOutcome } from './run-lake.ts';
import { counted, grouped } from '../terminal/table.ts';
import { openStore } from '../wiring/wiring.ts';

export type WatchFlags = { json: boolean; settleSeconds: number; everySeconds: number | undefined };

const FOLDER_SECONDS = 1;
const S3_SECONDS = 30;
/** Checks may take this share of the time: a lake with many files is checked less often. */
const CHECK_SHARE = 0.1;
/** Waits between attempts double after each failed run. */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 60_000;

/**
 * Runs whenever bronze or the lake's rates changed, until a signal stops it after the current run.
 * A run that fails is reported and tried again. Errors: `Interrupted` after a second signal.
 */
export async function watchLake(io: Io, config: Config, flags: WatchFlags): Promise<void> {
  const settleMs = isS3(config.lake) ? 0 : flags.settleSeconds * 1000;
  const everyMs = 1000 * (flags.everySeconds ?? (isS3(config.lake) ? S3_SECONDS : FOLDER_SECONDS));
  const store = await openStore(config);
  const look = changeDetector(store, settleMs);
  const runs = runScheduler(settleMs);
  using stop = stopAfterRun(io);
  io.stderr.write(
    `Watching bronze of ${store.name}; press Ctrl-C to stop after the current run.\n`,
  );
  let failures = 0;
  while (!stop.asked.aborted) {
    const started = Date.now();
    let checkMs = 0;
    try {
      const snapshot = await look(started);
      checkMs = Date.now() - started;
      if (runs.isDue(snapshot)) {
        const outcome = await runSnapshot(io, config, snapshot, stop.now);
        runs.ran(snapshot);
        printOutcome(io, outcome, flags.json);
      }
      failures = 0;
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      failures += 1;
      printFailure(io, error);
    }
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
    const ms = failures > 0 ? retryMs : Math.max(everyMs, checkMs / CHECK_SHARE);
    await pause(ms, undefined, { signal: stop.asked }).catch(() => undefined);
  }
}

const runSnapshot = (
  io: Io,
  config: Config,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<RunOutcome> =>
  runLake({
    config,
    command: commandLine(io),
    signal,
    now: () => new Date(),
    onEvent: () => {},
    top: 0,
    view: (store) => settledOnly(store, snapshot),
  });

function printOutcome(io: Io, { report, work }: RunOutcome, json: boolean): void {
  if (json) return void io.stdout.write(`${JSON.stringify(report)}\n`);
  if (work === 'none') return;
  const { objects, rows, customers, seconds, seq } = report;
  const some = (counts: Record<string, number>, names: readonly string[]): string =>
    names
      .filter((name) => (counts[name] ?? 0) > 0)
      .map((name) => `${grouped(counts[name] ?? 0)} ${name}`)
      .join(', ') || 'none changed';
  const parts = [
    `seq ${seq}`,
    `objects: ${some(objects, ['added', 'replaced', 'remade', 'removed', 'quarantined'])}`,
    `${counted(rows.read, 'row')} read, ${grouped(rows.quarantined)} rejected`,
    `customers: ${some(customers, ['inserted', 'updated', 'deleted'])}`,
    `${(seconds['total'] ?? 0).toFixed(1)} s`,
  ];
  io.stdout.write(`${new Date().toISOString()}  ${parts.join('; ')}\n`);
}

function printFailure(io: Io, error: unknown): void {
  io.stderr.write(`${failureText(io, error)}Trying again; nothing half-written is visible.\n`);
}

/**
 * `asked` fires on the first Ctrl-C or SIGTERM, `now` on the second. A third ends the process,
 * which the lake survives like a crash.
 */
function stopAfterRun(io: Io): Disposable & { asked: AbortSignal; now: AbortSignal } {
  const asked = new AbortController();
  const now = new AbortController();
  const stop = (): void => {
    if (now.signal.aborted) process.exit(130);
    if (asked.signal.aborted) now.abort(new Interrupted('The run was interrupted.'));
    else io.stderr.write('\nStopping after the current run; press Ctrl-C again to stop it now.\n');
    asked.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    asked: asked.signal,
    now: now.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}

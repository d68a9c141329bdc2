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
import { grouped } from '../terminal/table.ts';
import { openStore } from '../wiring/wiring.ts';

export type WatchFlags = { json: boolean; settleSeconds: number; everySeconds: number | undefined };

const FOLDER_SECONDS = 1;
const S3_SECONDS = 30;
/** Looking may take this share of the time: a lake of many files is looked at less often. */
const LOOKING_SHARE = 0.1;
/** A run that failed is tried again, later and later. */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 60_000;

/**
 * Runs whenever bronze or the lake's rates changed, until it is asked to stop; a run under way is
 * finished then. A run that fails is told, and tried again. Errors: `Interrupted`, where it is
 * asked twice.
 */
export async function watchLake(io: Io, config: Config, flags: WatchFlags): Promise<void> {
  const settleMs = isS3(config.lake) ? 0 : flags.settleSeconds * 1000;
  const everyMs = 1000 * (flags.everySeconds ?? (isS3(config.lake) ? S3_SECONDS : FOLDER_SECONDS));
  const store = await openStore(config);
  const look = changeDetector(store, settleMs);
  const runs = runScheduler(settleMs);
  using stop = stopAfterRun(io);
  io.stderr.write(`Watching bronze of ${store.name}; Ctrl-C ends it once no run is under way.\n`);
  let failures = 0;
  while (!stop.asked.aborted) {
    const started = Date.now();
    let lookingMs = 0;
    try {
      const sight = await look(started);
      lookingMs = Date.now() - started;
      if (runs.isDue(sight)) {
        const outcome = await runOn(io, config, sight, stop.now);
        runs.ran(sight);
        tell(io, outcome, flags.json);
      }
      failures = 0;
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      failures += 1;
      tellFailure(io, error);
    }
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
    const ms = failures > 0 ? retryMs : Math.max(everyMs, lookingMs / LOOKING_SHARE);
    await pause(ms, undefined, { signal: stop.asked }).catch(() => undefined);
  }
}

const runOn = (io: Io, config: Config, sight: Snapshot, signal: AbortSignal): Promise<RunOutcome> =>
  runLake({
    config,
    command: commandLine(io),
    signal,
    now: () => new Date(),
    onEvent: () => {},
    top: 0,
    view: (store) => settledOnly(store, sight),
  });

function tell(io: Io, { report, work }: RunOutcome, json: boolean): void {
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
    `${grouped(rows.read)} rows read, ${grouped(rows.quarantined)} refused`,
    `customers: ${some(customers, ['inserted', 'updated', 'deleted'])}`,
    `${(seconds['total'] ?? 0).toFixed(1)} s`,
  ];
  io.stdout.write(`${new Date().toISOString()}  ${parts.join('; ')}\n`);
}

function tellFailure(io: Io, error: unknown): void {
  io.stderr.write(`${failureText(io, error)}It is tried again; nothing half-written is visible.\n`);
}

/**
 * `asked` fires on the first Ctrl-C or SIGTERM, `now` on the second; a third ends the process,
 * which a run survives as it does a crash.
 */
function stopAfterRun(io: Io): Disposable & { asked: AbortSignal; now: AbortSignal } {
  const asked = new AbortController();
  const now = new AbortController();
  const stop = (): void => {
    if (now.signal.aborted) process.exit(130);
    if (asked.signal.aborted) now.abort(new Interrupted('The run was interrupted.'));
    else io.stderr.write('\nA run under way is finished first; Ctrl-C again stops it.\n');
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

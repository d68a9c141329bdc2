import type { Config } from '../../config/config.ts';
import type { Engine, Renumber } from '../../lake/ports/engine.ts';
import { commandLine } from '../terminal/command-line.ts';
import type { Io } from '../terminal/io.ts';
import { progressView } from './progress.ts';
import { runLake, type RunOutcome } from './run-lake.ts';
import { stopOnSignals } from '../terminal/signals.ts';

export type RunFlags = {
  json: boolean;
  quiet: boolean;
  /** Number of top customers to show. */
  top: number;
  /** Read every object again. */
  remakeAll?: boolean;
  /** Customer keys that get new integers. */
  renumberKeys?: Renumber | undefined;
  /** Default: DuckDB. */
  engine?: Engine | undefined;
};

/** Runs the pipeline once: progress on standard error, the report on standard output. */
export async function runAndReport(io: Io, config: Config, flags: RunFlags): Promise<RunOutcome> {
  const progress = progressView(io, { quiet: flags.quiet });
  using stop = stopOnSignals(io);
  try {
    const outcome = await runLake({
      config,
      command: commandLine(io),
      signal: stop.signal,
      now: () => new Date(),
      onEvent: (event) => progress.show(event),
      top: flags.json ? 0 : flags.top,
      remakeAll: flags.remakeAll === true,
      renumberKeys: flags.renumberKeys,
      engine: flags.engine,
    });
    progress.end();
    if (flags.json) io.stdout.write(`${JSON.stringify(outcome.report)}\n`);
    else {
      const { reportText } = await import('./print-report.ts');
      io.stdout.write(`\n${reportText(io, outcome)}\n`);
    }
    return outcome;
  } finally {
    progress.end();
  }
}

import { type Command, Option } from 'commander';

import { configFor, withLakeFlags } from '../wiring/flags.ts';
import type { EngineFlags } from '../wiring/choose-engine.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags &
  EngineFlags & {
    samples?: boolean;
    failOnQuarantine?: boolean;
    top: number;
    quiet?: boolean;
  };

/** `purchases run`: brings gold and the serving table up to date with bronze, rules and rates. */
export function defineRun(program: Command, io: Io, status: { code: number }): void {
  withLakeFlags(program.command('run'))
    .summary('Run the pipeline until the serving table equals bronze')
    .description(
      'Run the pipeline until gold and the serving table equal bronze. Reads only what changed.',
    )
    .option('--samples', 'Copy the sample files into bronze first, unless they exist')
    .option('--fail-on-quarantine', 'Exit with status 4 if rows or objects were rejected')
    .option('--top <n>', 'Number of top customers to show', wholeNumber, 5)
    .option('-q, --quiet', 'Show no progress')
    .addOption(
      new Option('--engine <engine>', 'Engine that runs the rules')
        .choices(['duckdb', 'spark'])
        .default('duckdb'),
    )
    .option('--master <url>', 'Spark master (default: local[*])')
    .option('--python <path>', 'Python with pyspark 3.5 (default: $PURCHASES_PYTHON, or python3)')
    .option('--profiles <folder>', "Folder for DuckDB's profile of every statement, as JSON")
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases run --samples\n  $ purchases run --lake ./lake --json\n  $ purchases run --config examples/online-retail/purchases.config.yaml\n  $ purchases run --engine spark --master local[2] --python .venv/bin/python',
    )
    .action(async (flags: Flags) => {
      status.code = await run(io, flags);
    });
}

async function run(io: Io, flags: Flags): Promise<number> {
  const config = await configFor(io, flags);
  if (flags.samples !== true) {
    const { requireFolder } = await import('../wiring/lake-exists.ts');
    await requireFolder(config);
  }
  if (flags.samples === true) {
    const { copySamples } = await import('./samples.ts');
    const { openStore } = await import('../wiring/wiring.ts');
    await copySamples(await openStore(config));
  }
  const { chosenEngine } = await import('../wiring/choose-engine.ts');
  const engine = await chosenEngine(io, config, flags);
  const { runAndReport } = await import('./run-and-report.ts');
  try {
    const { report } = await runAndReport(io, config, {
      json: flags.json === true,
      quiet: flags.quiet === true,
      top: flags.top,
      engine,
    });
    const { rows, objects } = report;
    return flags.failOnQuarantine === true && rows.quarantined + objects.quarantined > 0 ? 4 : 0;
  } finally {
    await engine?.close();
  }
}

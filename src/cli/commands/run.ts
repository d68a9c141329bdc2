import type { Command } from 'commander';

import { configFor, withLakeFlags } from '../flags.ts';
import type { Io, LakeFlags } from '../io.ts';
import { wholeNumber } from '../numbers.ts';

type Flags = LakeFlags & {
  samples?: boolean;
  failOnQuarantine?: boolean;
  top: number;
  quiet?: boolean;
};

/** `purchases run`: makes gold and the serving table what bronze, the rules and the rates say. */
export function defineRun(program: Command, io: Io, status: { code: number }): void {
  withLakeFlags(program.command('run'))
    .description(
      'make gold and the serving table equal to what bronze says; touches only what changed',
    )
    .option('--samples', 'first copy the sample files into bronze, where absent')
    .option('--fail-on-quarantine', 'exit with 4 where rows or objects were refused')
    .option('--top <n>', 'how many of the top customers to show', wholeNumber, 5)
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases run --samples\n  $ purchases run --lake ./lake --json\n  $ purchases run --config examples/online-retail/purchases.config.yaml',
    )
    .action(async (flags: Flags) => {
      status.code = await run(io, flags);
    });
}

async function run(io: Io, flags: Flags): Promise<number> {
  const config = await configFor(io, flags);
  if (flags.samples === true) {
    const { copySamples } = await import('../samples.ts');
    const { openStore } = await import('../wiring.ts');
    await copySamples(await openStore(config));
  }
  const { runAndReport } = await import('../run-and-report.ts');
  const { report } = await runAndReport(io, config, {
    json: flags.json === true,
    quiet: flags.quiet === true,
    top: flags.top,
  });
  const { rows, objects } = report;
  return flags.failOnQuarantine === true && rows.quarantined + objects.quarantined > 0 ? 4 : 0;
}

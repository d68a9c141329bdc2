import type { Command } from 'commander';

import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

/** `purchases plan`: shows what a run would do and why; writes nothing. */
export function definePlan(program: Command, io: Io): void {
  withLakeFlags(program.command('plan'))
    .description('Show what a run would read and why; write nothing')
    .option('--rows', 'Read the objects and compare the rejected rows before and after')
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases plan\n  $ purchases plan --rows\n  $ purchases plan --lake ./lake --json',
    )
    .action(async (flags: LakeFlags & { rows?: boolean }) => {
      const config = await lakeFor(io, flags);
      const { planLake, planText } = await import('./plan-lake.ts');
      const { stopOnSignals } = await import('../terminal/signals.ts');
      using stop = stopOnSignals(io);
      const plan = await planLake({ config, rows: flags.rows === true, signal: stop.signal });
      io.stdout.write(
        flags.json === true ? `${JSON.stringify(plan)}\n` : `${planText(io, plan)}\n`,
      );
    });
}

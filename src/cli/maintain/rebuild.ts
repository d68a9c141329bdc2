import { type Command, Option } from 'commander';

import type { Renumber } from '../../lake/ports/engine.ts';
import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

/** `purchases rebuild`: everything once more from bronze, as a commit. */
export function defineRebuild(program: Command, io: Io): void {
  withLakeFlags(program.command('rebuild'))
    .description(
      'read all of bronze again and commit what it gives: for files that were damaged or lost; gold is the same, cell for cell',
    )
    .addOption(
      new Option(
        '--renumber-keys <which>',
        'give customer keys other integers: those whose integer is a customer_id of some row too, or all, from `firstCustomerId` on',
      ).choices(['colliding', 'all']),
    )
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases rebuild\n  $ purchases rebuild --lake ./lake --json -q\n  $ purchases rebuild --renumber-keys colliding',
    )
    .action(async (flags: LakeFlags & { quiet?: boolean; renumberKeys?: Renumber }) => {
      const config = await lakeFor(io, flags);
      const { runAndReport } = await import('../run/run-and-report.ts');
      await runAndReport(io, config, {
        json: flags.json === true,
        quiet: flags.quiet === true,
        top: 5,
        remakeAll: true,
        renumberKeys: flags.renumberKeys,
      });
    });
}

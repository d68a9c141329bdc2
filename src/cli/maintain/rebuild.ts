import { type Command, Option } from 'commander';

import type { Renumber } from '../../lake/ports/engine.ts';
import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

/** `purchases rebuild`: reads all of bronze again and commits the result. */
export function defineRebuild(program: Command, io: Io): void {
  withLakeFlags(program.command('rebuild'))
    .summary('Read all of bronze again and commit the result')
    .description(
      'Read all of bronze again and commit the result, to replace damaged or lost files. Gold stays the same, cell for cell.',
    )
    .addOption(
      new Option(
        '--renumber-keys <which>',
        'Assign new integers to customer keys: to those whose integer is also the customer_id of a row, or to all, starting at firstCustomerId',
      ).choices(['colliding', 'all']),
    )
    .option('-q, --quiet', 'Show no progress')
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

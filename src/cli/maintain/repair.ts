import { type Command, Option } from 'commander';

import { lakeFor, takeOverOption, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags & { limit: number; yes?: boolean; yesTakeOver?: string };

/** `purchases repair`: makes the serving table equal to gold again. */
export function defineRepair(program: Command, io: Io): void {
  withLakeFlags(program.command('repair'))
    .summary('Make the serving table equal to gold again')
    .description(
      'Make the serving table equal to gold again, after manual edits or a restored backup',
    )
    .addOption(
      new Option('--limit <n>', 'Maximum number of customers to list')
        .default(20)
        .argParser(wholeNumber),
    )
    .addOption(
      new Option('--yes', 'Confirm in advance that a damaged embedded database may be set aside'),
    )
    .addOption(takeOverOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases repair\n  $ purchases repair --lake ./lake --json',
    )
    .action(async (flags: Flags) => {
      const config = await lakeFor(io, flags);
      const { repairTable } = await import('./take-over-table.ts');
      const { repairText } = await import('./print-repair.ts');
      const outcome = await repairTable(io, config, {
        limit: flags.limit,
        yes: flags.yes === true,
        takeOver: flags.yesTakeOver,
      });
      io.stdout.write(
        flags.json === true ? `${JSON.stringify(outcome)}\n` : `${repairText(io, outcome)}\n`,
      );
    });
}

import { type Command, Option } from 'commander';

import { lakeFor, takeOverOption, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags & { limit?: number; yes?: boolean; yesTakeOver?: string };

/** At least the number of customers that a table with 32-bit ids can hold. */
const ALL = 2 ** 31;

/**
 * `purchases adopt`: reports what would change in an external serving table, then takes it over.
 */
export function defineAdopt(program: Command, io: Io): void {
  withLakeFlags(program.command('adopt'))
    .summary('Take over a serving table that another pipeline wrote')
    .description(
      'Take over a serving table that another pipeline wrote. Lists every customer whose total differs, and changes the table once you confirm.',
    )
    .addOption(new Option('--yes', 'Confirm in advance, if the table names no lake'))
    .addOption(takeOverOption())
    .addOption(
      new Option(
        '--limit <n>',
        'Maximum number of customers to list (default: 50; with --json all)',
      ).argParser(wholeNumber),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases adopt\n  $ purchases adopt --lake ./lake --json\n  $ purchases adopt --yes',
    )
    .action(async (flags: Flags) => {
      const config = await lakeFor(io, flags);
      const { adoptTable } = await import('./take-over-table.ts');
      const { adoptedText, adoptText } = await import('./print-repair.ts');
      const json = flags.json === true;
      const outcome = await adoptTable(io, config, {
        yes: flags.yes === true,
        takeOver: flags.yesTakeOver,
        limit: flags.limit ?? (json ? ALL : 50),
        report: (before) => void (json || io.stdout.write(`${adoptText(io, before)}\n`)),
      });
      io.stdout.write(json ? `${JSON.stringify(outcome)}\n` : `${adoptedText(io, outcome)}\n`);
    });
}

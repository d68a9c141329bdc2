import { type Command, Option } from 'commander';

import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags & { keep: number; dryRun?: boolean };

/** `purchases vacuum`: removes files that are no longer needed. */
export function defineVacuum(program: Command, io: Io): void {
  withLakeFlags(program.command('vacuum'))
    .summary('Remove files that are no longer needed')
    .description(
      'Remove files older than a day that no kept day of gold, no live object and no serving table needs. Commits are kept.',
    )
    .addOption(
      new Option('--keep <n>', 'Number of days of gold to keep, newest first')
        .default(35)
        .argParser(wholeNumber),
    )
    .option('--dry-run', 'Only list what would be removed')
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases vacuum --dry-run\n  $ purchases vacuum --keep 90 --json',
    )
    .action(async (flags: Flags) => {
      const config = await lakeFor(io, flags);
      const { vacuumLake, vacuumText } = await import('./vacuum-lake.ts');
      const dryRun = flags.dryRun === true;
      const vacuumed = await vacuumLake(io, config, { keep: flags.keep, dryRun });
      io.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ dry_run: dryRun, ...vacuumed })}\n`
          : `${vacuumText(io, vacuumed, dryRun)}\n`,
      );
    });
}

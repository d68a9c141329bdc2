import { type Command, Option } from 'commander';

import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags & { keep: number; dryRun?: boolean };

/** `purchases vacuum`: removes files that nothing needs any more. */
export function defineVacuum(program: Command, io: Io): void {
  withLakeFlags(program.command('vacuum'))
    .description(
      'remove what no kept day of gold, no live object and no table needs any more, once it is a day old; commits stay',
    )
    .addOption(
      new Option('--keep <n>', 'how many days of gold to keep, the newest')
        .default(35)
        .argParser(wholeNumber),
    )
    .option('--dry-run', 'only tell what would be removed')
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

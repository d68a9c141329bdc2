import { type Command, Option } from 'commander';

import { configFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags & { settle: number; every?: number };

/** `purchases watch`: runs whenever files are added, changed or removed. */
export function defineWatch(program: Command, io: Io): void {
  withLakeFlags(program.command('watch'))
    .summary('Run whenever files in bronze change, until Ctrl-C')
    .description(
      'Run whenever files in bronze are added, changed or removed, until Ctrl-C. A burst of changes is one run. A file that is still being written is read once it is complete.',
    )
    .addOption(
      new Option('--settle <seconds>', 'Seconds without a change until a file counts as complete')
        .default(2)
        .argParser(wholeNumber),
    )
    .addOption(
      new Option(
        '--every <seconds>',
        'Seconds between two checks (default: 1; in S3 30)',
      ).argParser(wholeNumber),
    )
    .addHelpText(
      'after',
      '\nPrints one line for each run; with --json, its report. The configuration is read once, at the start.\nA run that fails is reported and tried again. The first Ctrl-C lets the current run finish, the second stops it.\n\nExamples:\n  $ purchases watch --lake ./lake\n  $ purchases watch --settle 10 --json',
    )
    .action(async (flags: Flags) => {
      const config = await configFor(io, flags);
      const { requireFolder } = await import('../wiring/lake-exists.ts');
      await requireFolder(config);
      const { watchLake } = await import('./watch-lake.ts');
      await watchLake(io, config, {
        json: flags.json === true,
        settleSeconds: flags.settle,
        everySeconds: flags.every,
      });
    });
}

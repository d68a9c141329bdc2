import { type Command, Option } from 'commander';

import { configFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags & { settle: number; every?: number };

/** `purchases watch`: a run whenever files come, change or go. */
export function defineWatch(program: Command, io: Io): void {
  withLakeFlags(program.command('watch'))
    .description(
      'run whenever files of bronze come, change or go, until Ctrl-C; a burst is one run, and a file still being written is left until it is whole',
    )
    .addOption(
      new Option('--settle <seconds>', 'how long a file must stay as it is to be whole')
        .default(2)
        .argParser(wholeNumber),
    )
    .addOption(
      new Option('--every <seconds>', 'how often to look (default: 1, in S3 30)').argParser(
        wholeNumber,
      ),
    )
    .addHelpText(
      'after',
      '\nOne line a run goes to standard output, with --json the report of each. The configuration is read once, at the start.\nA run that fails is told and tried again; the first Ctrl-C lets a run under way end, the second stops it.\n\nExamples:\n  $ purchases watch --lake ./lake\n  $ purchases watch --settle 10 --json',
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

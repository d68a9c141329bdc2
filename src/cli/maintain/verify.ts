import { type Command, Option } from 'commander';

import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

/** `purchases verify`: rebuilds from bronze next to the lake and reports what differs. */
export function defineVerify(program: Command, io: Io, status: { code: number }): void {
  withLakeFlags(program.command('verify'))
    .summary('Rebuild from bronze next to the lake and compare')
    .description(
      'Rebuild from bronze next to the lake and compare silver, quarantine, gold and the serving table. Exits with status 3 if anything differs.',
    )
    .addOption(
      new Option('--limit <n>', 'Maximum number of differences to list for each kind')
        .default(20)
        .argParser(wholeNumber),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases verify\n  $ purchases verify --lake ./lake --json',
    )
    .action(async (flags: LakeFlags & { limit: number }) => {
      const config = await lakeFor(io, flags);
      const { verificationText, verifyLake } = await import('./verify-lake.ts');
      const verification = await verifyLake(io, config, flags.limit);
      io.stdout.write(
        flags.json === true
          ? `${JSON.stringify(verification)}\n`
          : `${verificationText(io, verification)}\n`,
      );
      status.code = verification.equal ? 0 : 3;
    });
}

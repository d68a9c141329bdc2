import type { Command } from 'commander';

import { configFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

type Flags = LakeFlags & { dryRun?: boolean };

/** `purchases migrate`: brings the serving database's schema up to date, or prints its SQL. */
export function defineMigrate(program: Command, io: Io): void {
  withLakeFlags(program.command('migrate'))
    .summary("Bring the serving database's tables up to date")
    .description("Bring the serving database's tables up to date, as a role that owns them")
    .option('--dry-run', 'Print the missing migrations as SQL and change nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases migrate --dry-run\n  $ purchases migrate --warehouse postgres://owner@db.example.com/serving',
    )
    .action(async (flags: Flags) => {
      const config = await configFor(io, flags);
      const { migrateWarehouse } = await import('./migrate-warehouse.ts');
      await migrateWarehouse(io, config, {
        dryRun: flags.dryRun === true,
        json: flags.json === true,
      });
    });
}

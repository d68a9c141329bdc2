import type { Command } from 'commander';

import { configFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

type Flags = LakeFlags & { dryRun?: boolean };

/** `purchases migrate`: the serving database's schema brought up to date, or its SQL shown. */
export function defineMigrate(program: Command, io: Io): void {
  withLakeFlags(program.command('migrate'))
    .description("bring the serving database's tables up to date, as a role that owns them")
    .option('--dry-run', 'print the SQL that is missing, and change nothing')
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

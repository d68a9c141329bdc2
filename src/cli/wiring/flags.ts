import { type Command, Option } from 'commander';

import { type Config } from '../../config/config.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

/** The heading of these flags in the help of a command. */
export const LAKE_FLAGS = 'Lake options:';

/** Adds the flags of every command that opens a lake. */
export function withLakeFlags(command: Command): Command {
  return command
    .optionsGroup(LAKE_FLAGS)
    .addOption(
      new Option(
        '--config <file>',
        'Configuration file (default: purchases.config.{ts,js,json,yaml} in this folder, if any)',
      ),
    )
    .addOption(
      new Option('--lake <lake>', 'Lake: a folder or s3://bucket/prefix (default: ./lake)'),
    )
    .addOption(
      new Option(
        '--warehouse <url>',
        'Serving database: pglite:, postgres:// or mysql:// (default: pglite:./lake/_warehouse)',
      ),
    )
    .addOption(new Option('--time-zone <zone>', 'Business time zone (default: Australia/Sydney)'))
    .addOption(new Option('--fx-rates <place>', 'Exchange rates: a file or a key of the lake'))
    .optionsGroup('Options:')
    .addOption(new Option('--json', 'Print one JSON document on standard output'));
}

/** Loads the configuration of a lake that must exist. Errors: `ConfigInvalid`, `LakeMissing`. */
export async function lakeFor(io: Io, flags: LakeFlags): Promise<Config> {
  const config = await configFor(io, flags);
  const { requireLake } = await import('./lake-exists.ts');
  await requireLake(config);
  return config;
}

/**
 * The lake whose table may be replaced, confirmed in advance by its id. The refusal and `query
 * --saved table-state` show the id.
 */
export const takeOverOption = (): Option =>
  new Option(
    '--yes-take-over <lake>',
    'Confirm in advance that the table of this other lake, or of another commit, may be replaced',
  );

/** Loads the configuration from the flags, the environment and the file. */
export async function configFor(io: Io, flags: LakeFlags): Promise<Config> {
  const { loadConfig } = await import('../../config/load.ts');
  return loadConfig({ cwd: io.cwd, env: io.env, flags });
}

import { type Command, Option } from 'commander';

import { type Config } from '../../config/config.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

/** The flags of every command that opens a lake. */
export function withLakeFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--config <file>',
        'configuration file (default: purchases.config.{ts,js,json,yaml} here, if any)',
      ),
    )
    .addOption(
      new Option('--lake <lake>', 'the lake: a folder or s3://bucket/prefix (default: ./lake)'),
    )
    .addOption(
      new Option(
        '--warehouse <url>',
        'the serving database, such as pglite:./lake/_warehouse (the default)',
      ),
    )
    .addOption(new Option('--time-zone <zone>', 'business time zone (default: Australia/Sydney)'))
    .addOption(new Option('--fx-rates <place>', 'exchange rates: a file, or a key of the lake'))
    .addOption(new Option('--json', 'one JSON document on standard output'));
}

/** The same for a command on a lake that must be there. Errors: `ConfigInvalid`, `LakeMissing`. */
export async function lakeFor(io: Io, flags: LakeFlags): Promise<Config> {
  const config = await configFor(io, flags);
  const { requireLake } = await import('./lake-exists.ts');
  await requireLake(config);
  return config;
}
/**
 * Whose table may be replaced, agreed beforehand: the lake's id, as the refusal and `query --saved
 * table-state` name it.
 */
export const takeOverOption = (): Option =>
  new Option(
    '--yes-take-over <lake>',
    'agree beforehand that the table of that other lake, or of another commit of this one, is replaced',
  );

/** The configuration that the flags, the environment and the file make together. */
export async function configFor(io: Io, flags: LakeFlags): Promise<Config> {
  const { loadConfig } = await import('../../config/load.ts');
  return loadConfig({ cwd: io.cwd, env: io.env, flags });
}

import type { Command } from 'commander';

import type { DeployFlags } from './deploy-stack.ts';
import type { Io } from '../terminal/io.ts';

/** `purchases deploy`: the pipeline in an AWS account, or what it would be there. */
export function defineDeploy(program: Command, io: Io): void {
  program
    .command('deploy')
    .description('create the pipeline in your AWS account, or bring it up to date')
    .option('--dry-run', 'synthesise only, offline, and tell in plain words what would be created')
    .option('--choices <file>', 'JSON file with the choices of docs/aws.md; defaults unless given')
    .option('--config <file>', 'configuration file whose sources and rules are deployed')
    .option('--yes', 'do not ask before permissions are widened')
    .option('--json', 'of a dry run: one JSON document on standard output')
    .addHelpText(
      'after',
      '\nCredentials and region are found as by every AWS tool.\n\nExamples:\n  $ purchases deploy --dry-run\n  $ purchases deploy --choices production.json --config purchases.config.yaml',
    )
    .action(async (flags: DeployFlags) => {
      const { deployStack } = await import('./deploy-stack.ts');
      await deployStack(io, flags);
    });
}

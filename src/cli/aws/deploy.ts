import type { Command } from 'commander';

import type { DeployFlags } from './deploy-stack.ts';
import type { Io } from '../terminal/io.ts';

/** `purchases deploy`: creates the pipeline in an AWS account, or summarises what it would be. */
export function defineDeploy(program: Command, io: Io): void {
  program
    .command('deploy')
    .description('Create or update the pipeline in your AWS account')
    .option('--dry-run', 'Synthesise the stack offline and summarise what would be created')
    .option('--choices <file>', 'JSON file with the choices of docs/aws.md (default: its defaults)')
    .option('--config <file>', 'Configuration file whose sources and rules are deployed')
    .option('--yes', 'Do not ask before permissions are widened')
    .option('--json', 'With --dry-run: print one JSON document on standard output')
    .addHelpText(
      'after',
      '\nCredentials and region are found as in other AWS tools.\n\nExamples:\n  $ purchases deploy --dry-run\n  $ purchases deploy --choices production.json --config purchases.config.yaml',
    )
    .action(async (flags: DeployFlags) => {
      const { deployStack } = await import('./deploy-stack.ts');
      await deployStack(io, flags);
    });
}

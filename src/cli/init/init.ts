import type { Command } from 'commander';

import type { InitFlags } from './config.ts';
import type { Io } from '../terminal/io.ts';

const several = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/**
 * `purchases init FILE…`: a configuration for a real export, with the evidence for every mapping.
 */
export function defineInit(program: Command, io: Io): void {
  program
    .command('init')
    .description(
      'look at exports and write a configuration for them, saying what speaks for each mapping',
    )
    .argument('<file...>', 'CSV or JSON files as a shop exports them, plain or .gz')
    .option(
      '--preset <name>',
      'a ready-made source: shopify-orders, stripe-payments, woocommerce-orders, square-transactions or paypal-activity (default: told by the header)',
    )
    .option('--currency <code>', 'the currency of all amounts, where the file does not say it')
    .option(
      '--date-format <format>',
      'how dates are written, such as d/M/yyyy; may be repeated',
      several,
    )
    .option('--decimal <mark>', 'the decimal mark, where the amounts do not decide it')
    .option('--rows <what>', 'purchases, or lines of purchases whose amounts add up')
    .option('--map <field=column>', 'a column for a field; may be repeated', several)
    .option('--lake <lake>', 'the lake to write into the configuration', './lake')
    .option('--time-zone <zone>', 'the business time zone', 'Australia/Sydney')
    .option('--force', 'overwrite purchases.config.yaml')
    .option('--dry-run', 'print the configuration, write nothing')
    .option('--no-input', 'never ask, even on a terminal')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases init orders.csv\n  $ purchases init sales.csv --currency GBP --date-format "d/M/yyyy H:mm"\n  $ purchases init shopify-orders.csv --preset shopify-orders --dry-run',
    )
    .action(async (files: string[], flags: InitFlags & { input: boolean }) => {
      const { initConfig } = await import('./config.ts');
      const { promptOf } = await import('./prompt.ts');
      const { stopOnSignals } = await import('../terminal/signals.ts');
      using stop = stopOnSignals(io);
      const asking = flags.input && flags.json !== true;
      await initConfig(io, files, flags, {
        now: new Date(),
        signal: stop.signal,
        prompt: asking ? promptOf(io, process.stdin, stop.signal) : undefined,
      });
    });
}

import type { Command } from 'commander';

import type { InitFlags } from './config.ts';
import type { Io } from '../terminal/io.ts';

const several = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** `purchases init FILE…`: writes a configuration for exports, with evidence for each mapping. */
export function defineInit(program: Command, io: Io): void {
  program
    .command('init')
    .summary('Write a configuration for your export files')
    .description(
      'Look at export files and write a configuration for them, with the evidence for each mapping as a comment',
    )
    .argument('<file...>', 'CSV or JSON files as a shop exports them, plain or .gz')
    .option(
      '--preset <name>',
      'Ready-made source: shopify-orders, stripe-payments, woocommerce-orders, square-transactions or paypal-activity (default: recognised by the header)',
    )
    .option('--currency <code>', 'Currency of all amounts, if the file does not name it')
    .option('--date-format <format>', 'Date format, such as d/M/yyyy; repeatable', several)
    .option('--decimal <mark>', 'Decimal mark, if the amounts do not decide it')
    .option('--rows <what>', 'What a row is: purchases, or lines of purchases whose amounts add up')
    .option('--map <field=column>', 'Column of a field; repeatable', several)
    .option('--lake <lake>', 'Lake to write into the configuration', './lake')
    .option('--time-zone <zone>', 'Business time zone', 'Australia/Sydney')
    .option('--force', 'Overwrite purchases.config.yaml')
    .option('--dry-run', 'Print the configuration and write nothing')
    .option('--no-input', 'Never ask, even on a terminal')
    .option('--json', 'Print one JSON document on standard output')
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

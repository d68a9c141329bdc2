import type { Command } from 'commander';

import { UsageError } from '../../errors.ts';
import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

/** `purchases history`: shows a customer's row in gold, commit by commit, and its causes. */
export function defineHistory(program: Command, io: Io): void {
  withLakeFlags(program.command('history').argument('<customer_id>', 'customer_id, an integer'))
    .summary("Show a customer's row in gold at each commit")
    .description("Show a customer's row in gold at each commit, and which files changed it")
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases history 1008\n  $ purchases history 1008 --json',
    )
    .action(async (customer: string, flags: LakeFlags) => {
      if (!/^-?[0-9]{1,10}$/.test(customer))
        throw new UsageError(`${customer} is not a customer_id.`, {
          hint: 'Give an integer; purchases explain shows that of a customer key or an e-mail address.',
        });
      const config = await lakeFor(io, flags);
      const { historyOf, historyText } = await import('./customer-history.ts');
      const history = await historyOf(io, config, Number(customer));
      io.stdout.write(
        flags.json === true ? `${JSON.stringify(history)}\n` : `${historyText(io, history)}\n`,
      );
    });
}

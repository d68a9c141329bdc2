import type { Command } from 'commander';

import { UsageError } from '../../errors.ts';
import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

type Flags = LakeFlags & { key?: string; serving: boolean };

/** `purchases explain`: shows what one customer's row consists of, down to object and row. */
export function defineExplain(program: Command, io: Io): void {
  withLakeFlags(
    program
      .command('explain')
      .argument('[customer]', 'customer_id, customer key or e-mail address'),
  )
    .summary("Show how a customer's total was computed")
    .description(
      "Show how a customer's total was computed: every purchase, the versions that it superseded and its exchange rate",
    )
    .option('--key <key>', 'Customer key, even one that looks like a number')
    .option('--no-serving', 'Do not query the serving table')
    .addHelpText(
      'after',
      `
Examples:
  $ purchases explain 1008
  $ purchases explain wei.zhang@example.com --no-serving
  $ purchases explain 1008 --json

Exits with status 1 if the lake does not know the customer; the message shows whether rejected rows name them.`,
    )
    .action(async (customer: string | undefined, flags: Flags) => {
      await explain(io, customer, flags);
    });
}

async function explain(io: Io, customer: string | undefined, flags: Flags): Promise<void> {
  if ((customer === undefined) === (flags.key === undefined))
    throw new UsageError('Give one customer: a customer_id, a customer key or an e-mail address.', {
      hint: 'For example: purchases explain 1008, or purchases explain --key cus_9x.',
    });
  const config = await lakeFor(io, flags);
  const { customerKey, customerName } = await import('../../lake/customer/find.ts');
  const { explainLake } = await import('./explain-lake.ts');
  const { stopOnSignals } = await import('../terminal/signals.ts');
  using stop = stopOnSignals(io);
  const explained = await explainLake({
    config,
    customer: customer === undefined ? customerKey(flags.key ?? '') : customerName(customer),
    serving: flags.serving,
    signal: stop.signal,
  });
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(explained)}\n`);
    return;
  }
  const { explanationText } = await import('./print-explanation.ts');
  io.stdout.write(`${explanationText(io, explained)}\n`);
}

import { type Command, Option } from 'commander';

import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

type Flags = LakeFlags & { yes?: boolean; dryRun?: boolean; also?: string[] };

const several = (row: string, earlier: string[] = []): string[] => [...earlier, row];

/** `purchases erase`: removes one customer from every layer, for good. */
export function defineErase(program: Command, io: Io): void {
  withLakeFlags(program.command('erase').argument('<customer>', 'customer_id or customer key'))
    .summary('Erase one customer from every layer, for good')
    .description(
      'Erase one customer from bronze, silver, gold of every day, quarantine and the serving table, for good. Other customers stay as they are.',
    )
    .addOption(new Option('--yes', 'Confirm in advance'))
    .option(
      '--dry-run',
      'Only list the bronze objects that would be rewritten and the rows that may concern the customer',
    )
    .option(
      '--also <file:row>',
      'Also erase this row, which --dry-run lists as one that may concern the customer; repeatable',
      several,
    )
    .addHelpText(
      'after',
      `
Examples:
  $ purchases erase 1008 --dry-run
  $ purchases erase 1008
  $ purchases erase 1008 --also shop/2026-01-31.csv:12
  $ purchases erase 1008 --yes --json

If it is interrupted, run it again to continue. If a file with the customer's rows is sent again, the next run removes them.`,
    )
    .action(async (text: string, flags: Flags) => {
      const config = await lakeFor(io, flags);
      const { customerName } = await import('../../lake/customer/find.ts');
      const { rowName } = await import('../../lake/erase/also.ts');
      const { eraseCustomer, erasurePlan } = await import('./erase-customer.ts');
      const { certificateText, planText } = await import('./print-erasure.ts');
      const customer = customerName(text);
      const also = (flags.also ?? []).map(rowName);
      const json = flags.json === true;
      const print = (document: object, shown: string): void =>
        void io.stdout.write(json ? `${JSON.stringify(document)}\n` : `${shown}\n`);
      if (flags.dryRun === true) {
        const plan = await erasurePlan(io, config, customer, also);
        return print({ dry_run: true, ...plan }, planText(io, plan));
      }
      const certificate = await eraseCustomer(io, config, {
        customer,
        text,
        also,
        yes: flags.yes === true,
      });
      print(
        certificate === undefined ? { erased: false } : { erased: true, ...certificate },
        certificateText(io, certificate),
      );
    });
}

import { type Command, Option } from 'commander';

import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

type Flags = LakeFlags & { yes?: boolean; dryRun?: boolean; also: string[] };

/** `purchases erase`: one customer disappears from every layer, and stays away. */
export function defineErase(program: Command, io: Io): void {
  withLakeFlags(
    program.command('erase').argument('<customer>', 'a customer_id, else a customer key'),
  )
    .description(
      'take one customer out of bronze, silver, gold of every day, quarantine and the serving table, for good; others stay as they are',
    )
    .addOption(new Option('--yes', 'agree beforehand'))
    .option(
      '--dry-run',
      'only show which bronze objects would be rewritten, and the rows that may concern the customer',
    )
    .option(
      '--also <file:row>',
      'remove this row too, which may concern the customer, as --dry-run lists it; repeatable',
      (row: string, rows: string[]) => [...rows, row],
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  $ purchases erase 1008 --dry-run
  $ purchases erase 1008
  $ purchases erase 1008 --also shop/2026-01-31.csv:12
  $ purchases erase 1008 --yes --json

Killed anywhere, it can be run again and goes on. Rows of a file that is sent again are taken out of it by the next run.`,
    )
    .action(async (text: string, flags: Flags) => {
      const config = await lakeFor(io, flags);
      const { customerName } = await import('../../lake/customer/find.ts');
      const { rowName } = await import('../../lake/erase/also.ts');
      const { eraseCustomer, erasurePlan } = await import('./erase-customer.ts');
      const { certificateText, planText } = await import('./print-erasure.ts');
      const customer = customerName(text);
      const also = flags.also.map(rowName);
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

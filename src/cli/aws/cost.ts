import { type Command, Option } from 'commander';

import type { Io } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = {
  rowsPerDay: number;
  runsPerDay: number;
  bytesPerRow: number;
  queriesPerDay: number;
  monthsKept: number;
  databaseClass: string;
  json?: boolean;
};

/** `purchases cost`: estimates what a month in AWS costs. */
export function defineCost(program: Command, io: Io): void {
  const count = (flags: string, about: string, value?: number): Option => {
    const option = new Option(flags, about).argParser(wholeNumber);
    return value === undefined ? option.makeOptionMandatory() : option.default(value);
  };
  program
    .command('cost')
    .description('Estimate what a month in AWS costs, by a dated price list')
    .addOption(count('--rows-per-day <n>', 'Purchase rows that arrive in a day'))
    .addOption(count('--runs-per-day <n>', 'Runs a day that find something to do', 24))
    .addOption(count('--bytes-per-row <n>', 'Bytes of a row in bronze', 100))
    .addOption(count('--queries-per-day <n>', 'Athena queries in a day', 10))
    .addOption(count('--months-kept <n>', 'Months of purchases in the lake', 12))
    .option('--database-class <class>', 'Class of the RDS instance, without "db."', 't4g.micro')
    .addOption(new Option('--json', 'Print one JSON document with formulas and assumptions'))
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases cost --rows-per-day 10000\n  $ purchases cost --rows-per-day 5000000 --runs-per-day 4 --database-class t4g.medium --json',
    )
    .action(async ({ json, ...usage }: Flags) => {
      const { printCost } = await import('./print-cost.ts');
      await printCost(io, usage, json === true);
    });
}

import type { Command } from 'commander';

import type { Io } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = {
  rows: number;
  files: number;
  customers?: number;
  seed: number;
  out: string;
  json?: boolean;
};

/** `purchases generate`: writes files of made-up purchases, the same bytes for the same seed. */
export function defineGenerate(program: Command, io: Io): void {
  program
    .command('generate')
    .summary('Generate files of made-up purchases')
    .description('Generate files of made-up purchases. The same seed gives the same bytes.')
    .requiredOption('--rows <n>', 'Number of rows in all files together', wholeNumber)
    .option('--files <k>', 'Number of files', wholeNumber, 1)
    .option(
      '--customers <c>',
      'Number of customers (default: a twentieth of the rows)',
      wholeNumber,
    )
    .option('--seed <s>', 'Seed of the random numbers', wholeNumber, 1)
    .requiredOption('--out <folder>', "Output folder, such as a lake's bronze folder")
    .option('--json', 'Print one JSON document on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ purchases generate --rows 1000000 --files 10 --out ./lake/bronze\n  $ purchases generate --rows 500 --customers 20 --seed 7 --out ./lake/bronze --json',
    )
    .action(async (flags: Flags) => {
      const { resolve } = await import('node:path');
      const { defaultCustomers, generatePurchases } =
        await import('../../engines/duckdb/generate/generate.ts');
      const { stopOnSignals } = await import('../terminal/signals.ts');
      const { counted } = await import('../terminal/table.ts');
      using stop = stopOnSignals(io);
      const started = Date.now();
      const { rows, files, customers = defaultCustomers(rows), seed } = flags;
      const written = await generatePurchases({
        rows,
        files,
        customers,
        seed,
        out: resolve(io.cwd, flags.out),
        signal: stop.signal,
      });
      const seconds = (Date.now() - started) / 1000;
      if (flags.json === true)
        io.stdout.write(`${JSON.stringify({ ...written, customers, seed, seconds })}\n`);
      else {
        io.stderr.write(
          `Wrote ${counted(written.rows, 'row')} of ${counted(customers, 'customer')} to ${counted(written.files.length, 'file')} in ${flags.out} (${(written.bytes / 1e6).toFixed(1)} MB, ${seconds.toFixed(1)} s).\n`,
        );
        io.stderr.write(
          `Next: purchases run${flags.out.endsWith('bronze') ? ` --lake ${flags.out.slice(0, -'/bronze'.length)}` : ''}\n`,
        );
      }
    });
}

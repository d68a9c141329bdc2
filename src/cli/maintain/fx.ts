import type { Command } from 'commander';

import { configFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

const EXAMPLES =
  '\nExamples:\n  $ purchases fx import eurofxref-hist.csv\n  $ purchases fx import rates.csv.gz --lake ./lake --json';

/** `purchases fx import FILE`: checks exchange rates and stores them in the lake. */
export function defineFx(program: Command, io: Io): void {
  const fx = program
    .command('fx')
    .description('Import exchange rates')
    .addHelpText('after', EXAMPLES);
  withLakeFlags(
    fx
      .command('import')
      .argument(
        '<file>',
        "European Central Bank's CSV of its history, or currency,rate_date,rate_aud; plain or gzip",
      ),
  )
    .summary('Check exchange rates and store them in the lake')
    .description('Check exchange rates and store them in the lake. The next run uses them.')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: LakeFlags) => {
      const config = await configFor(io, flags);
      const { importRates } = await import('./import-rates.ts');
      const rates = await importRates(io, config, file);
      if (flags.json === true) io.stdout.write(`${JSON.stringify(rates)}\n`);
      else
        io.stderr.write(
          `Stored ${rates.rows} rates from ${rates.oldest} to ${rates.newest} in ${rates.key}.\nNext: purchases run recomputes what they change.\n`,
        );
    });
}

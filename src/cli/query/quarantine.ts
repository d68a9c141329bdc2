import { type Command, Option } from 'commander';

import { didYouMean } from '../../config/shape/suggest.ts';
import { UsageError } from '../../errors.ts';
import { lakeFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/numbers.ts';

type Flags = LakeFlags & {
  reason?: string;
  object?: string;
  limit?: number;
  format?: 'table' | 'csv' | 'json';
  exact?: boolean;
};

/** Rows shown in a table: a screen or two. CSV and JSON have all. */
const SHOWN = 50;

/** `purchases quarantine`: lists what was rejected, why, and what to do about it. */
export function defineQuarantine(program: Command, io: Io): void {
  withLakeFlags(program.command('quarantine'))
    .description('List rejected rows and objects, with reasons and remedies')
    .option('--reason <code>', 'Only rows and objects that were rejected for this reason')
    .option('--object <glob>', 'Only objects whose key matches, such as "shop/**"')
    .option(
      '--limit <n>',
      `Maximum number of rows (default: ${SHOWN} in a table, else all)`,
      wholeNumber,
    )
    .addOption(new Option('--format <format>', 'Output format').choices(['table', 'csv', 'json']))
    .option('--exact', 'CSV: do not put a quote before what a spreadsheet would run')
    .addHelpText(
      'after',
      `
Examples:
  $ purchases quarantine
  $ purchases quarantine --reason amount_invalid --limit 10
  $ purchases quarantine --object "shop/2026/**" --format csv > rejected.csv

In CSV, a single quote is put before each cell that starts with = + - @, a tab, a line end or NUL, so that no spreadsheet
runs it as a formula. Negative numbers stay numbers, and --exact leaves every value as it was read. JSON is always exact.`,
    )
    .action((flags: Flags) => quarantine(io, flags));
}

async function quarantine(io: Io, flags: Flags): Promise<void> {
  await checkFlags(flags);
  const config = await lakeFor(io, flags);
  const { withQuarantine } = await import('./quarantine-lake.ts');
  const { printQuarantineCsv, printQuarantineJson, printQuarantineTable } =
    await import('./print-quarantine.ts');
  const { stopOnSignals } = await import('../terminal/signals.ts');
  const format = flags.format ?? (flags.json === true ? 'json' : 'table');
  const limit = flags.limit ?? (format === 'table' ? SHOWN : undefined);
  using stop = stopOnSignals(io);
  const { reason, object } = flags;
  const wanted = {
    ...(reason === undefined ? {} : { reason }),
    ...(object === undefined ? {} : { object }),
    ...(limit === undefined ? {} : { limit }),
  };
  await withQuarantine(config, wanted, stop.signal, async (found) => {
    if (format === 'table') await printQuarantineTable(io, found);
    else if (format === 'json') await printQuarantineJson(io, found);
    else await printQuarantineCsv(io, found, flags.exact === true);
  });
}

async function checkFlags({ reason, object }: Flags): Promise<void> {
  const { REMEDIES } = await import('../../medallion/remedies.ts');
  const { globFault } = await import('../../medallion/match-source.ts');
  const codes = Object.keys(REMEDIES);
  if (reason !== undefined && !codes.includes(reason))
    throw new UsageError(`Unknown reason "${reason}"${didYouMean(reason, codes) || '.'}`, {
      hint: `Reasons are ${codes.join(', ')}.`,
    });
  const fault = object === undefined ? undefined : globFault(object);
  if (fault !== undefined) throw new UsageError(`--object ${object} ${fault}.`);
}

import { type Command, InvalidArgumentError, Option } from 'commander';

import { UsageError } from '../../errors.ts';
import { SAVED_QUERIES } from '../../warehouses/saved-queries.ts';
import { configFor, withLakeFlags } from '../wiring/flags.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';

type Flags = LakeFlags & {
  format?: 'table' | 'csv' | 'json' | 'parquet';
  warehouseDb?: boolean;
  asOf?: string;
  saved?: string;
  exact?: boolean;
};

function date(text: string): string {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('It must be a date such as 2026-10-01.');
  return text;
}

/** `purchases query`: runs read-only SQL over the lake's layers or the serving database. */
export function defineQuery(program: Command, io: Io): void {
  withLakeFlags(program.command('query').argument('[sql]', 'One SELECT statement'))
    .summary('Query the lake or the serving database with read-only SQL')
    .description(
      'Query silver, gold, gold_history, quarantine, objects or commits with read-only SQL, or the serving database with --warehouse-db',
    )
    .addOption(
      new Option('--format <format>', 'Output format').choices(['table', 'csv', 'json', 'parquet']),
    )
    .option('--exact', 'CSV: do not put a quote before what a spreadsheet would run')
    .option('--warehouse-db', 'Query the serving database, as a login that may only read')
    .addOption(
      new Option('--as-of <date>', 'Read gold as it was on that day: YYYY-MM-DD')
        .argParser(date)
        .conflicts('warehouseDb'),
    )
    .addOption(
      new Option('--saved <name>', 'Run a saved query on the serving database')
        .choices(SAVED_QUERIES.map(({ name }) => name))
        .conflicts('asOf'),
    )
    .addHelpText(
      'after',
      `\nSaved queries:\n${savedQueries()}\n\nExamples:\n  $ purchases query "select * from gold order by total_spent_aud desc limit 5"\n  $ purchases query "select reasons, count(*) from quarantine group by all" --format csv\n  $ purchases query "select count(*) from customer_purchase_summary" --warehouse-db\n  $ purchases query "select * from gold where customer_id = 1008" --as-of 2026-10-01\n  $ purchases query --saved top-customers\n\nIn CSV, a single quote is put before each cell or column name that a spreadsheet would run as a formula. Numbers stay\nnumbers, and --exact leaves every value as it is. JSON and Parquet are always exact.`,
    )
    .action(async (given: string | undefined, flags: Flags) => {
      const sql = question(given, flags.saved);
      const config = await configFor(io, flags);
      const warehouse = flags.warehouseDb === true || flags.saved !== undefined;
      if (!warehouse || config.warehouse.kind === 'pglite') {
        const { requireLake } = await import('../wiring/lake-exists.ts');
        await requireLake(config);
      }
      const { answer } = await import('./print-query.ts');
      const format = flags.format ?? (flags.json === true ? 'json' : 'table');
      await answer(io, config, {
        sql,
        format,
        warehouse,
        asOf: flags.asOf,
        exact: flags.exact === true,
      });
    });
}

const savedQueries = (): string =>
  SAVED_QUERIES.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join('\n');

/** The SQL that was given, or that of a saved query. Errors: `UsageError` for none or both. */
function question(given: string | undefined, saved: string | undefined): string {
  const known = SAVED_QUERIES.find(({ name }) => name === saved);
  const sql = known?.sql ?? given;
  if (sql !== undefined && (known === undefined || given === undefined)) return sql;
  throw new UsageError(
    given === undefined ? 'No query was given.' : 'Give either SQL or --saved, not both.',
    {
      hint: 'For example: purchases query "select * from gold", or purchases query --saved top-customers',
    },
  );
}

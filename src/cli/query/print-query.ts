import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { UsageError } from '../../errors.ts';
import type { Io } from '../terminal/io.ts';
import { temporaryFolder } from '../wiring/scratch.ts';
import { csvLine, write, writeExact } from '../terminal/output.ts';
import { stopOnSignals } from '../terminal/signals.ts';
import { table } from '../terminal/table.ts';
import { openReader, openStore } from '../wiring/wiring.ts';

type Question = {
  sql: string;
  format: 'table' | 'csv' | 'json' | 'parquet';
  warehouse: boolean;
  /** The day at which `gold` is read. Default: the newest. */
  asOf?: string | undefined;
  /** CSV: do not escape cells that a spreadsheet would run as formulas. */
  exact: boolean;
};
type Batches = AsyncIterable<{ columns: string[]; rows: (string | null)[][] }>;

const TABLE_ROWS = 1_000;
const MEMORY_LIMIT = '800MB';

/**
 * Prints the result of a read-only query. Values are printed as the database formats them, so that
 * money is never converted to a binary number.
 */
export async function answer(io: Io, config: Config, question: Question): Promise<void> {
  if (question.format === 'parquet' && io.stdout.isTTY === true)
    throw new UsageError('--format parquet is binary, and standard output is a terminal.', {
      hint: 'Send it to a file: purchases query "…" --format parquet > answer.parquet',
    });
  if (question.warehouse) return answerFromWarehouse(io, config, question);
  const scratch = await temporaryFolder('query');
  using stop = stopOnSignals(io);
  try {
    const { viewsOfNewest } = await import('../../catalog/views.ts');
    const { openReadOnly } = await import('../../engines/duckdb/read/query.ts');
    using views = await viewsOfNewest(await openStore(config), scratch, { asOf: question.asOf });
    await using reader = await openReadOnly({
      ...views,
      scratch,
      memoryLimit: MEMORY_LIMIT,
      signal: stop.signal,
    });
    if (question.format === 'parquet') {
      const path = join(scratch, 'answer.parquet');
      await reader.parquet(question.sql, path);
      for await (const chunk of createReadStream(path)) await writeExact(io, chunk as Buffer);
    } else await print(io, { ...question, format: question.format }, reader.stream(question.sql));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function answerFromWarehouse(
  io: Io,
  config: Config,
  { sql, format, exact }: Question,
): Promise<void> {
  if (format === 'parquet')
    throw new UsageError('--format parquet is for the lake, not for --warehouse-db.', {
      hint: 'Use csv or json.',
    });
  const reader = await openReader(config, 'purchases query --warehouse-db');
  // An embedded database blocks this process, so no signal handler runs during the query. A signal
  // ends the process at once and harms only a copy.
  if (config.warehouse.kind === 'pglite') return print(io, { format, exact }, reader.ask(sql));
  using stop = stopOnSignals(io);
  await print(io, { format, exact }, reader.ask(sql, stop.signal));
}

type Shape = { format: 'table' | 'csv' | 'json'; exact: boolean };

async function print(io: Io, { format, exact }: Shape, batches: Batches): Promise<void> {
  if (format === 'table') return printTable(io, batches);
  if (format === 'csv') return printCsv(io, batches, exact);
  let separator = '[\n';
  for await (const { columns, rows } of batches)
    for (const row of rows) {
      const cells = columns.map((column, index) => [column, row[index] ?? null]);
      await write(io, `${separator}${JSON.stringify(Object.fromEntries(cells))}`);
      separator = ',\n';
    }
  await write(io, separator === ',\n' ? '\n]\n' : '[]\n');
}

async function printCsv(io: Io, batches: Batches, exact: boolean): Promise<void> {
  let first = true;
  for await (const { columns, rows } of batches) {
    if (first) await writeExact(io, csvLine(columns, exact));
    first = false;
    await writeExact(io, rows.map((row) => csvLine(row, exact)).join(''));
  }
}

async function printTable(io: Io, batches: Batches): Promise<void> {
  let header: string[] = [];
  const shown: (string | null)[][] = [];
  let count = 0;
  for await (const { columns, rows } of batches) {
    header = columns;
    count += rows.length;
    shown.push(...rows.slice(0, TABLE_ROWS - shown.length));
  }
  await write(io, `${table(header, shown)}\n`);
  if (count > shown.length)
    io.stderr.write(
      `Showing the first ${shown.length} of ${count} rows; --format csv prints all.\n`,
    );
}

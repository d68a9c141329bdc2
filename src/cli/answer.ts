import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Config } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import { holdLake } from './hold.ts';
import type { Io } from './io.ts';
import { csvCell, write } from './output.ts';
import { stopOnSignals } from './signals.ts';
import { table } from './table.ts';
import { openStore, openWarehouse } from './wiring.ts';

type Question = {
  sql: string;
  format: 'table' | 'csv' | 'json' | 'parquet';
  warehouse: boolean;
  /** The day whose gold `gold` is; the newest unless said. */
  asOf?: string | undefined;
};
type Batches = AsyncIterable<{ columns: string[]; rows: (string | null)[][] }>;

const TABLE_ROWS = 1_000;
const MEMORY_LIMIT = '800MB';

/** Prints the answer to one read-only question. Values are printed as the database writes them: money never passes through a binary number. */
export async function answer(io: Io, config: Config, question: Question): Promise<void> {
  if (question.warehouse) return answerFromWarehouse(io, config, question);
  const scratch = await mkdtemp(join(tmpdir(), 'purchases-query-'));
  using stop = stopOnSignals(io);
  try {
    const { viewsOfNewest } = await import('../catalog/views.ts');
    const { openReadOnly } = await import('../engines/duckdb/query.ts');
    const views = await viewsOfNewest(await openStore(config), scratch, { asOf: question.asOf });
    await using reader = await openReadOnly({
      ...views,
      scratch,
      memoryLimit: MEMORY_LIMIT,
      signal: stop.signal,
    });
    if (question.format === 'parquet') {
      const path = join(scratch, 'answer.parquet');
      await reader.parquet(question.sql, path);
      for await (const chunk of createReadStream(path)) await write(io, chunk as Buffer);
    } else await print(io, question.format, reader.stream(question.sql));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function answerFromWarehouse(
  io: Io,
  config: Config,
  { sql, format }: Question,
): Promise<void> {
  if (format === 'parquet')
    throw new UsageError('--format parquet is for the lake, not for --warehouse-db.', {
      hint: 'Use csv or json.',
    });
  await using _lock = await holdLake(config, {
    command: 'purchases query --warehouse-db',
    now: new Date(),
  });
  const warehouse = await openWarehouse(config, 'purchases query --warehouse-db');
  try {
    await print(io, format, single(await warehouse.query(sql)));
  } finally {
    await warehouse.close();
  }
}

async function* single(result: {
  columns: string[];
  rows: (string | null)[][];
}): AsyncGenerator<typeof result> {
  yield result;
}

async function print(io: Io, format: 'table' | 'csv' | 'json', batches: Batches): Promise<void> {
  if (format === 'table') return printTable(io, batches);
  let first = true;
  if (format === 'json') await write(io, '[');
  for await (const { columns, rows } of batches) {
    if (format === 'csv' && first) await write(io, `${columns.map(csvCell).join(',')}\n`);
    if (format === 'csv') {
      await write(io, rows.map((row) => `${row.map(csvCell).join(',')}\n`).join(''));
      first = false;
      continue;
    }
    for (const row of rows) {
      await write(
        io,
        `${first ? '\n' : ',\n'}${JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])))}`,
      );
      first = false;
    }
  }
  if (format === 'json') await write(io, first ? ']\n' : '\n]\n');
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
    io.stderr.write(`The first ${shown.length} of ${count} rows; --format csv prints all.\n`);
}

import { type DuckDBAppender, DuckDBDateValue } from '@duckdb/node-api';

import type { Relation, Session } from './session.ts';

export type { Relation } from './session.ts';

/** Column types that `loadTable` writes; a date is YYYY-MM-DD, a bigint a safe integer. */
type CellTypes = { varchar: string; int: number; bigint: number; date: string };

const APPEND: {
  [Type in keyof CellTypes]: (appender: DuckDBAppender, value: CellTypes[Type]) => void;
} = {
  varchar: (appender, value) => appender.appendVarchar(value),
  int: (appender, value) => appender.appendInteger(value),
  bigint: (appender, value) => appender.appendBigInt(BigInt(value)),
  date: (appender, value) => appender.appendDate(new DuckDBDateValue(daysSince1970(value))),
};

const daysSince1970 = (day: string): number => Date.parse(day) / 86_400_000;

/**
 * Creates a temporary table, or replaces the one of that name, and loads rows into it. Values go
 * through DuckDB's appender, never into a statement.
 */
export async function loadTable<Columns extends Record<string, keyof CellTypes>>(
  session: Session,
  name: string,
  columns: Columns,
  rows: Iterable<{ readonly [Column in keyof Columns]: CellTypes[Columns[Column]] }>,
): Promise<Relation> {
  const types = Object.entries(columns);
  const table = await session.emptyTable(
    name,
    types.map(([column, type]) => `${column} ${type}`).join(', '),
  );
  const cells = types.map(
    ([column, type]) =>
      [column, APPEND[type] as (appender: DuckDBAppender, value: unknown) => void] as const,
  );
  const appender = await session.connection.createAppender(table);
  for (const row of rows) {
    for (const [column, append] of cells) append(appender, row[column]);
    appender.endRow();
  }
  appender.closeSync();
  return table;
}

import type { DuckDBAppender } from '@duckdb/node-api';

import type { CsvSlice } from '../../../lake/bronze/csv-slices.ts';
import { columnsOfFields, tokenised } from './csv-sql.ts';
import type { Relation } from '../relation.ts';
import { type BatchObject, withFacts } from './rows.ts';
import type { Session } from '../session.ts';
import { WIDEST, wideRows } from './wide-csv.ts';

/**
 * Select of the rows of objects with quotes or mixed line ends that share one header, tokenised
 * slice by slice. Wide rows are split by the host.
 */
export async function tokenisedRows(
  session: Session,
  objects: readonly (BatchObject & { slices: AsyncIterable<CsvSlice> })[],
  csv: { delimiter: string; columns: number },
  positions: readonly (number | undefined)[],
): Promise<string> {
  if (csv.columns > WIDEST) return wideRows(session, objects, csv, positions);
  const slices = await loadSlices(session, objects);
  return withFacts(
    session,
    objects,
    tokenised(slices, csv.delimiter, csv.columns),
    `row_number, malformed, raw, ${columnsOfFields(positions)}`,
  );
}

/**
 * Characters after which slices go to the next table. DuckDB processes up to 2,048 slices of a
 * table at once, and the result takes about four times their bytes.
 */
const TABLE_LENGTH = 24 << 20;

/**
 * Loads the slices of a batch and returns a table expression over all of them, in order. Not
 * `loadTable`: slices stream, are flushed one by one and are split over several tables.
 */
async function loadSlices(
  session: Session,
  objects: readonly { slices: AsyncIterable<CsvSlice> }[],
): Promise<string> {
  const previous = await session.rows(
    `select table_name from duckdb_tables() where temporary and starts_with(table_name, 'slices')`,
  );
  for (const { table_name } of previous) await session.run(`drop table ${table_name}`);
  const tables: Relation[] = [];
  const nextTable = async (): Promise<DuckDBAppender> => {
    const table = await session.emptyTable(
      `slices${tables.length}`,
      'object_no int, first_row bigint, text varchar',
    );
    tables.push(table);
    return session.connection.createAppender(table);
  };
  let appender = await nextTable();
  let length = 0;
  for (const [index, { slices }] of objects.entries())
    for await (const { firstRow, text } of slices) {
      if (length > 0 && length + text.length > TABLE_LENGTH) {
        appender.closeSync();
        appender = await nextTable();
        length = 0;
      }
      appender.appendInteger(index);
      appender.appendBigInt(BigInt(firstRow));
      appender.appendVarchar(text);
      appender.endRow();
      appender.flushSync();
      length += text.length;
    }
  appender.closeSync();
  return `(${tables.map((table) => `select * from ${table}`).join(' union all ')}) slices`;
}

import { csvRows } from '../../../lake/bronze/csv-rows.ts';
import type { CsvSlice } from '../../../lake/bronze/csv-slices.ts';
import { type BatchObject, withFacts } from './rows.ts';
import type { Session } from '../session.ts';

/** DuckDB's regular expressions allow 1,000 repetitions, so the host splits wider rows. */
export const WIDEST = 1_000;

/** Not `loadTable`: rows stream and are flushed slice by slice. */
export async function wideRows(
  session: Session,
  objects: readonly (BatchObject & { slices: AsyncIterable<CsvSlice> })[],
  csv: { delimiter: string; columns: number },
  positions: readonly (number | undefined)[],
): Promise<string> {
  const columns = positions.map((_, index) => `s${index}`);
  const wide = await session.emptyTable(
    'wide_rows',
    `object_no int, row_number bigint, malformed boolean, raw varchar, ${columns.map((name) => `${name} varchar`).join(', ')}`,
  );
  const appender = await session.connection.createAppender(wide);
  for (const [index, { slices }] of objects.entries())
    for await (const { text, firstRow } of slices) {
      let row = firstRow;
      for (const { raw, fields } of csvRows(text, csv.delimiter, csv.columns)) {
        appender.appendInteger(index);
        appender.appendBigInt(BigInt(row++));
        appender.appendBoolean(fields === undefined);
        appender.appendVarchar(raw);
        for (const position of positions) {
          const value = position === undefined ? undefined : fields?.[position];
          if (value === undefined) appender.appendNull();
          else appender.appendVarchar(value);
        }
        appender.endRow();
      }
      appender.flushSync();
    }
  appender.closeSync();
  return withFacts(
    session,
    objects,
    `from ${wide}`,
    ['row_number', 'malformed', 'raw', ...columns].join(', '),
  );
}

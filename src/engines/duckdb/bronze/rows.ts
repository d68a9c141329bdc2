import type { DuckDBAppender } from '@duckdb/node-api';

import type { CsvSlice } from '../../../lake/bronze/csv-slices.ts';
import { csvRows } from '../../../lake/bronze/csv-rows.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { columnsOfFields, plainLines, tokenised } from './csv-sql.ts';
import { loadTable, type Relation } from '../relation.ts';
import type { Session } from '../session.ts';

/** One scanned object of a batch; `rows` is the number of rows that the scan counted. */
export type BatchObject = {
  key: string;
  /** YYYY-MM-DD. */
  ingestionDate: string;
  modified: number;
  sha256: string;
  text: string;
  rows: number;
};

/** Loads the facts of a batch's objects, which every row repeats, as a table. */
function loadObjectFacts(session: Session, objects: readonly BatchObject[]): Promise<Relation> {
  let before = 0;
  return loadTable(
    session,
    'batch',
    {
      object_no: 'int',
      path: 'varchar',
      object_key: 'varchar',
      object_modified: 'bigint',
      content_sha256: 'varchar',
      rows_before: 'bigint',
      ingestion_day: 'date',
    },
    objects.map((object, index) => {
      const facts = {
        object_no: index,
        path: session.file(object.text),
        object_key: object.key,
        object_modified: object.modified,
        content_sha256: object.sha256,
        rows_before: before,
        ingestion_day: object.ingestionDate,
      };
      before += object.rows;
      return facts;
    }),
  );
}

/**
 * Select of `columns` of `rows` with the facts of their objects: constants for one object,
 * otherwise joined by `object_no`, the object's number in the batch.
 */
export async function withFacts(
  session: Session,
  objects: readonly BatchObject[],
  rows: string,
  columns: string,
): Promise<string> {
  const [only, ...others] = objects;
  if (only !== undefined && others.length === 0)
    return `select ${constants(only)}, ${columns} from (${rows}) r`;
  const facts = await loadObjectFacts(session, objects);
  return `select ${FACTS}, ${columns} from (${rows}) r join ${facts} using (object_no)`;
}

const constants = (object: BatchObject): string =>
  `${literal(object.key)} as object_key, cast(${object.modified} as bigint) as object_modified, ${literal(object.sha256)} as content_sha256`;

/** Lines of up to this many bytes are kept in a table; larger batches are read again each time. */
const MATERIALISED_BYTES = 256 << 20;

/**
 * Selects of a batch's rows: all, or those whose (object_key, row_number) another relation
 * contains.
 */
export type Rows = { all: string; matching(wanted: Relation): string };

/** Rows whose fields are already split; `matching` filters them. */
export const wholeRows = (all: string): Rows => ({
  all,
  matching: (wanted) =>
    `select r.* from (${all}) r semi join ${wanted} using (object_key, row_number)`,
});

/**
 * Rows of objects without quotes that share one header. `positions` are the positions of the
 * source's columns in it. The boolean column `is_fast_path` is the condition `fastPath` over `raw`.
 * Only wanted lines are split into fields.
 */
export async function plainRows(
  session: Session,
  objects: readonly (BatchObject & { bytes: number })[],
  csv: { delimiter: string; columns: number },
  positions: readonly (number | undefined)[],
  fastPath: string,
): Promise<Rows> {
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  const read = plainLines(
    session,
    objects.map(({ text }) => text),
  );
  const [only, ...others] = objects;
  const isSingle = only !== undefined && others.length === 0;
  await session.run('drop table if exists kept_lines');
  // The path of a single object is left out: in each row it would take as much memory as the line.
  const marked = `select ${isSingle ? '' : 'path, '}row_number() over () as position, raw, ${fastPath} as is_fast_path from (${read})`;
  const source =
    bytes <= MATERIALISED_BYTES ? await session.table('kept_lines', marked) : `(${marked})`;
  const fields = `case when len(parts) = ${csv.columns} then parts end as f, len(parts) <> ${csv.columns} as malformed`;
  const split = (facts: string, lines: string): string =>
    `select ${facts}, row_number, malformed, raw, is_fast_path, ${columnsOfFields(positions)}
from (select *, ${fields} from (select *, string_split(raw, ${literal(csv.delimiter)}) as parts from (${lines})))`;
  if (isSingle) {
    const lines = `select position as row_number, raw, is_fast_path from ${source}`;
    return {
      all: split(constants(only), lines),
      matching: (wanted) =>
        split(
          constants(only),
          `select l.* from (${lines}) l semi join ${wanted} using (row_number)`,
        ),
    };
  }
  const facts = await loadObjectFacts(session, objects);
  const lines = `select ${FACTS}, position - rows_before as row_number, raw, is_fast_path from ${source} l join ${facts} using (path)`;
  return {
    all: split(FACTS, lines),
    matching: (wanted) =>
      split(
        FACTS,
        `select l.* from (${lines}) l semi join ${wanted} using (object_key, row_number)`,
      ),
  };
}

const FACTS = 'object_key, object_modified, content_sha256, ingestion_day';

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

/** DuckDB's regular expressions allow 1,000 repetitions, so the host splits wider rows. */
const WIDEST = 1_000;

/** Not `loadTable`: rows stream and are flushed slice by slice. */
async function wideRows(
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

import { type DuckDBAppender, DuckDBDateValue } from '@duckdb/node-api';

import type { CsvSlice } from '../../../lake/bronze/csv-slices.ts';
import { csvRows } from '../../../lake/bronze/csv-rows.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { columnsOfFields, plainLines, tokenised } from './csv-sql.ts';
import type { Session } from '../session.ts';

/** One scanned object of a batch; `rows` is the host's own count. */
export type BatchObject = {
  key: string;
  /** YYYY-MM-DD. */
  ingestionDate: string;
  modified: number;
  sha256: string;
  text: string;
  rows: number;
};

const dayNumber = (day: string): number => Date.parse(day) / 86_400_000;

/**
 * The facts of an object that every row repeats: constants for one object, the table `batch` for
 * several.
 */
async function objectFacts(session: Session, objects: readonly BatchObject[]): Promise<void> {
  await session.run(
    'create or replace temp table batch (object_no int, path varchar, object_key varchar, object_modified bigint, content_sha256 varchar, rows_before bigint, ingestion_day date)',
  );
  const appender = await session.connection.createAppender('batch');
  let before = 0;
  objects.forEach((object, index) => {
    appender.appendInteger(index);
    appender.appendVarchar(session.file(object.text));
    appender.appendVarchar(object.key);
    appender.appendBigInt(BigInt(object.modified));
    appender.appendVarchar(object.sha256);
    appender.appendBigInt(BigInt(before));
    appender.appendDate(new DuckDBDateValue(dayNumber(object.ingestionDate)));
    appender.endRow();
    before += object.rows;
  });
  appender.closeSync();
}

/**
 * `columns` of `rows`, which have the number of their object in the batch as `object_no`, with the
 * facts of that object.
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
  await objectFacts(session, objects);
  return `select ${FACTS}, ${columns} from (${rows}) r join batch using (object_no)`;
}

const constants = (object: BatchObject): string =>
  `${literal(object.key)} as object_key, cast(${object.modified} as bigint) as object_modified, ${literal(object.sha256)} as content_sha256`;

/**
 * Lines of up to so many bytes are kept while their batch is made; those of larger objects are read
 * again each time.
 */
const MATERIALISED_BYTES = 256 << 20;

/**
 * A batch's rows as a relation: all, or those whose (object_key, row_number) another relation
 * holds.
 */
export type Rows = { all: string; matching(left: string): string };

/** Rows that are taken apart by then: those that are wanted are picked out of them. */
export const wholeRows = (all: string): Rows => ({
  all,
  matching: (left) => `select r.* from (${all}) r semi join ${left} using (object_key, row_number)`,
});

/**
 * Rows of objects without quotes that share one header; `positions` tells where the source's
 * columns stand in it, and the boolean column `everyday` which rows are told by the condition over
 * `raw` of that name. Lines that are not wanted are not split.
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
  // The path of the one object, kept for each of its lines, would take as much memory as the lines.
  const marked = `select ${isSingle ? '' : 'path, '}row_number() over () as position, raw, ${fastPath} as everyday from (${read})`;
  if (bytes <= MATERIALISED_BYTES) await session.run(`create temp table kept_lines as ${marked}`);
  const source = bytes <= MATERIALISED_BYTES ? 'kept_lines' : `(${marked})`;
  const fields = `case when len(parts) = ${csv.columns} then parts end as f, len(parts) <> ${csv.columns} as malformed`;
  const split = (facts: string, lines: string): string =>
    `select ${facts}, row_number, malformed, raw, everyday, ${columnsOfFields(positions)}
from (select *, ${fields} from (select *, string_split(raw, ${literal(csv.delimiter)}) as parts from (${lines})))`;
  if (isSingle) {
    const lines = `select position as row_number, raw, everyday from ${source}`;
    return {
      all: split(constants(only), lines),
      matching: (left) =>
        split(constants(only), `select l.* from (${lines}) l semi join ${left} using (row_number)`),
    };
  }
  await objectFacts(session, objects);
  const lines = `select ${FACTS}, position - rows_before as row_number, raw, everyday from ${source} l join batch using (path)`;
  return {
    all: split(FACTS, lines),
    matching: (left) =>
      split(FACTS, `select l.* from (${lines}) l semi join ${left} using (object_key, row_number)`),
  };
}

const FACTS = 'object_key, object_modified, content_sha256, ingestion_day';

/**
 * Rows of objects with quotes or mixed line ends that share one header, through the tokeniser,
 * slice by slice.
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
 * DuckDB takes up to 2,048 slices of one table at once and holds what it makes of them, some four
 * times their bytes: more characters go into the next.
 */
const TABLE_LENGTH = 24 << 20;

/** Loads the slices of a batch; the relation that they all are, in their order. */
async function loadSlices(
  session: Session,
  objects: readonly { slices: AsyncIterable<CsvSlice> }[],
): Promise<string> {
  const left = await session.rows(
    `select table_name from duckdb_tables() where temporary and starts_with(table_name, 'slices')`,
  );
  for (const { table_name } of left) await session.run(`drop table ${table_name}`);
  const tables: string[] = [];
  const nextTable = async (): Promise<DuckDBAppender> => {
    const table = `slices${tables.length}`;
    tables.push(table);
    await session.run(`create temp table ${table} (object_no int, first_row bigint, text varchar)`);
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

/** A regular expression of DuckDB's repeats nothing more often, so wider rows are split here. */
const WIDEST = 1_000;

async function wideRows(
  session: Session,
  objects: readonly (BatchObject & { slices: AsyncIterable<CsvSlice> })[],
  csv: { delimiter: string; columns: number },
  positions: readonly (number | undefined)[],
): Promise<string> {
  const columns = positions.map((_, index) => `s${index}`);
  await session.run(
    `create or replace temp table wide (object_no int, row_number bigint, malformed boolean, raw varchar, ${columns.map((name) => `${name} varchar`).join(', ')})`,
  );
  const appender = await session.connection.createAppender('wide');
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
    'from wide',
    ['row_number', 'malformed', 'raw', ...columns].join(', '),
  );
}

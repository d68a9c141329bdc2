import type { CsvSlice } from '../../lake/bronze/csv-slices.ts';
import { literal } from '../../medallion/text.ts';
import { columnsOfFields, plainLines, tokenised } from './csv-sql.ts';
import { fieldText, hasKeyTwice, isJsonObject, quotedTokens } from './json-sql.ts';
import type { Session } from './session.ts';

/** One scanned object of a batch; `rows` is the host's own count. */
export type BatchObject = {
  key: string;
  modified: number;
  sha256: string;
  text: string;
  rows: number;
};

/** The facts of an object that every row repeats, as a relation beside the rows or, for one object, as constants. */
async function objectFacts(session: Session, objects: readonly BatchObject[]): Promise<void> {
  await session.run(
    'create or replace temp table batch (object_no int, path varchar, object_key varchar, object_modified bigint, content_sha256 varchar, rows_before bigint)',
  );
  const appender = await session.connection.createAppender('batch');
  let before = 0;
  objects.forEach((object, index) => {
    appender.appendInteger(index);
    appender.appendVarchar(object.text);
    appender.appendVarchar(object.key);
    appender.appendBigInt(BigInt(object.modified));
    appender.appendVarchar(object.sha256);
    appender.appendBigInt(BigInt(before));
    appender.endRow();
    before += object.rows;
  });
  appender.closeSync();
}

const constants = (object: BatchObject): string =>
  `${literal(object.key)} as object_key, cast(${object.modified} as bigint) as object_modified, ${literal(object.sha256)} as content_sha256`;

/** Rows of objects without quotes that share one header; `positions` tells where the source's columns stand in it. */
export async function plainRows(
  session: Session,
  objects: readonly BatchObject[],
  csv: { delimiter: string; columns: number },
  positions: readonly (number | undefined)[],
): Promise<string> {
  const lines = plainLines(
    objects.map(({ text }) => text),
    csv.delimiter,
  );
  const fields = `case when len(f) = ${csv.columns} then f end as f, len(f) <> ${csv.columns} as malformed`;
  const [only, ...others] = objects;
  if (only !== undefined && others.length === 0)
    return `select ${constants(only)}, position as row_number, malformed, raw, ${columnsOfFields(positions)} from (select position, raw, ${fields} from (${lines}))`;
  await objectFacts(session, objects);
  return `select object_key, object_modified, content_sha256, position - rows_before as row_number, malformed, raw, ${columnsOfFields(positions)}
from (select path, position, raw, ${fields} from (${lines})) r join batch using (path)`;
}

/** Rows of one object with quotes or mixed line ends, through the tokeniser, slice by slice. */
export async function tokenisedRows(
  session: Session,
  object: BatchObject,
  csv: { delimiter: string; columns: number },
  positions: readonly (number | undefined)[],
  slices: AsyncIterable<CsvSlice>,
): Promise<string> {
  await session.run(
    'create or replace temp table slices (object_no int, first_row bigint, text varchar)',
  );
  const appender = await session.connection.createAppender('slices');
  for await (const slice of slices) {
    appender.appendInteger(0);
    appender.appendBigInt(BigInt(slice.firstRow));
    appender.appendVarchar(slice.text);
    appender.endRow();
    appender.flushSync();
  }
  appender.closeSync();
  return `select ${constants(object)}, row_number, malformed, raw, ${columnsOfFields(positions)} from (${tokenised('slices', csv.delimiter, csv.columns)})`;
}

/** Loads the raw texts of a JSON object's rows, and tells which are good objects. */
export async function loadJsonRows(
  session: Session,
  batches: AsyncIterable<readonly { row: number; text: string }[]>,
): Promise<void> {
  await session.run('create or replace temp table json_text (row_number bigint, raw varchar)');
  const appender = await session.connection.createAppender('json_text');
  for await (const batch of batches) {
    for (const { row, text } of batch) {
      appender.appendBigInt(BigInt(row));
      appender.appendVarchar(text);
      appender.endRow();
    }
    appender.flushSync();
  }
  appender.closeSync();
  // DuckDB's JSON functions fail on malformed text, so only texts that passed the strict test reach them.
  await session.run(`create or replace temp table json_rows as
select row_number, raw, case when good and not ${hasKeyTwice('json')} then json end as json
from (select row_number, raw, good, case when good then ${quotedTokens('raw')} end as json from (select row_number, raw, ${isJsonObject('raw')} as good from json_text))
order by row_number`);
}

/** The keys that stand at a path of the loaded rows, each as written. */
export async function jsonKeys(session: Session, path: string): Promise<string[]> {
  const keys = path === '' ? 'json_keys(json)' : `json_keys(json, ${literal(path)})`;
  const rows = await session.rows(
    `select distinct unnest(${keys}) as name from json_rows where json is not null order by name`,
  );
  return rows.map(({ name }) => name ?? '');
}

/** Rows of the loaded JSON object; `paths` tells where each of the source's columns stands. */
export function jsonRows(
  object: BatchObject,
  paths: readonly (readonly string[] | undefined)[],
): string {
  const columns = paths.map(
    (path, index) =>
      `${path === undefined ? 'cast(null as varchar)' : fieldText('json', path)} as s${index}`,
  );
  return `select ${constants(object)}, row_number, json is null as malformed, raw, ${columns.join(', ')} from json_rows`;
}

import type { CsvSlice } from '../../lake/bronze/csv-slices.ts';
import { literal } from '../../medallion/text.ts';
import { columnsOfFields, plainLines, tokenised } from './csv-sql.ts';
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

export const constants = (object: BatchObject): string =>
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

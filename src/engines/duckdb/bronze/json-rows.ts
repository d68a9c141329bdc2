import { amountColumns, sourceColumns } from '../../../medallion/columns.ts';
import { normaliseName } from '../../../medallion/fields/column-names.ts';
import type { Source } from '../../../medallion/source.ts';
import { addStages } from '../../../medallion/sql/stages.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { fieldText, hasKeyTwice, pointer, quotedTokens, strictObjectStages } from './json-sql.ts';
import { type BatchObject, withFacts } from './rows.ts';
import type { Relation } from '../relation.ts';
import type { Session } from '../session.ts';

type Path = readonly string[];

type RowText = { row: number; text: string };

/**
 * Rows of JSON objects as a table (object_no, row_number, raw, json); `json` is null if the row is
 * malformed. `wellFormed` has the number of other rows for each object.
 */
export type LoadedJson = { rows: Relation; wellFormed: number[] };

/**
 * Loads the rows of JSON objects and checks which are well-formed. Not `loadTable`: rows stream and
 * are flushed batch by batch.
 */
export async function loadJsonRows(
  session: Session,
  objects: readonly AsyncIterable<readonly RowText[]>[],
): Promise<LoadedJson> {
  const texts = await session.emptyTable(
    'json_texts',
    'object_no int, row_number bigint, raw varchar',
  );
  const appender = await session.connection.createAppender(texts);
  for (const [index, batches] of objects.entries())
    for await (const batch of batches) {
      for (const { row, text } of batch) {
        appender.appendInteger(index);
        appender.appendBigInt(BigInt(row));
        appender.appendVarchar(text);
        appender.endRow();
      }
      appender.flushSync();
    }
  appender.closeSync();
  // DuckDB's JSON functions throw on malformed text, so they only get texts that passed the strict
  // check.
  const rows = await session.table(
    'json_rows',
    `select object_no, row_number, raw, case when good and not ${hasKeyTwice('json', 'raw')} then json end as json
from (select object_no, row_number, raw, good, case when good then ${quotedTokens('raw')} end as json from (${addStages(`select * from ${texts}`, strictObjectStages())}))`,
  );
  await session.run(`drop table ${texts}`);
  const counts = await session.rows(
    `select object_no, count(json) as good from ${rows} group by object_no`,
  );
  const wellFormed = new Map(counts.map((row) => [Number(row['object_no']), Number(row['good'])]));
  return { rows, wellFormed: objects.map((_, index) => wellFormed.get(index) ?? 0) };
}

/** Locations of a source's columns in the loaded rows. */
export type JsonColumns = {
  /** Paths of each column, in order of preference: the first one that a row has counts. */
  paths: Path[][];
  /** Facts of each object. */
  objects: JsonFacts[];
};

/**
 * `keys` are all top-level keys, `present` the columns that a row has, `duplicates` the columns
 * that one row has at several paths of the same rank.
 */
export type JsonFacts = { keys: string[]; present: string[]; duplicates: string[] };

/** Finds a source's columns among the keys of the loaded rows; the spelling may vary by row. */
export async function locateJsonColumns(
  session: Session,
  rows: Relation,
  source: Source,
  objects: number,
): Promise<JsonColumns> {
  const known = new Map<string, Promise<string[]>>();
  const keysAt = (path: Path): Promise<string[]> => {
    const at = pointer(path);
    const keys = known.get(at) ?? keysBelow(session, rows, at);
    known.set(at, keys);
    return keys;
  };
  const columns = sourceColumns(source);
  const ranks = await Promise.all(
    columns.map(async (column) =>
      (await candidates(keysAt, [], normaliseName(column))).filter(({ length }) => length > 0),
    ),
  );
  const paths = ranks.map((column) => column.flat());
  return { paths, objects: await jsonFacts(session, rows, { columns, ranks, objects }) };
}

async function keysBelow(session: Session, rows: Relation, at: string): Promise<string[]> {
  const keys = at === '' ? 'json_keys(json)' : `json_keys(json, ${literal(at)})`;
  const [row] = await session.rows(
    `select ${asJson('list_sort(list_distinct(flatten(list(keys))))')} as keys from (select distinct ${keys} as keys from ${rows} where json is not null) k`,
  );
  return namesOf(row?.['keys']);
}

// As JSON text: the driver drops a leading U+FEFF of a text.
const asJson = (list: string): string => `cast(to_json(${list}) as varchar)`;
const namesOf = (json: string | null | undefined): string[] =>
  json === null || json === undefined ? [] : (JSON.parse(json) as string[]);

async function jsonFacts(
  session: Session,
  rows: Relation,
  {
    columns,
    ranks,
    objects,
  }: { columns: readonly string[]; ranks: readonly Path[][][]; objects: number },
): Promise<JsonFacts[]> {
  const matchCounts = ranks.map(
    (column, index) => `coalesce(max(${matchesAtBestRank(column)}), 0) as matches${index}`,
  );
  const counted = await session.rows(
    `select object_no, ${asJson('list_sort(list_distinct(flatten(list(json_keys(json)))))')} as keys, ${matchCounts.join(', ')} from ${rows} where json is not null group by object_no`,
  );
  const found = new Map(counted.map((row) => [Number(row['object_no']), row]));
  return Array.from({ length: objects }, (_, object) => {
    const row = found.get(object) ?? {};
    const matches = (index: number): number => Number(row[`matches${index}`] ?? 0);
    return {
      keys: namesOf(row['keys']),
      present: columns.filter((_column, index) => matches(index) > 0),
      duplicates: columns.filter((_column, index) => matches(index) > 1),
    };
  });
}

/** SQL for the number of paths of the best rank at which a row has a column. */
function matchesAtBestRank(ranks: readonly Path[][]): string {
  const counts = ranks.map((paths) => `(${paths.map(hasPath).join(' + ')})`);
  const cases = counts.map((count) => `when ${count} > 0 then ${count}`);
  return cases.length === 0 ? '0' : `case ${cases.join(' ')} else 0 end`;
}

const hasPath = (path: Path): string => `cast(json_exists(json, ${literal(pointer(path))}) as int)`;

/**
 * Paths of a column by rank: first a key of its whole name, then, for a dotted name, keys within
 * keys. Paths of one rank differ only in spelling.
 */
async function candidates(
  keysAt: (path: Path) => Promise<string[]>,
  below: Path,
  wanted: string,
): Promise<Path[][]> {
  const keys = await keysAt(below);
  const keysNamed = (name: string): Path[] =>
    keys.filter((key) => normaliseName(key) === name).map((key) => [...below, key]);
  const ranks = [keysNamed(wanted)];
  for (let dot = wanted.indexOf('.'); dot >= 0; dot = wanted.indexOf('.', dot + 1)) {
    const inner = await Promise.all(
      keysNamed(wanted.slice(0, dot)).map((path) =>
        candidates(keysAt, path, wanted.slice(dot + 1)),
      ),
    );
    const depth = Math.max(0, ...inner.map(({ length }) => length));
    for (let rank = 0; rank < depth; rank++)
      ranks.push(inner.flatMap((ranked) => ranked[rank] ?? []));
  }
  return ranks;
}

/**
 * Select of the rows of some of the loaded JSON objects with the source's columns; one pass
 * extracts all values of a row. An undefined object is left out.
 */
export function jsonRows(
  session: Session,
  loaded: Relation,
  objects: readonly (BatchObject | undefined)[],
  source: Source,
  paths: readonly Path[][],
): Promise<string> {
  const pointers = paths.flat().map((path) => literal(pointer(path)));
  const list = `[${pointers.join(', ')}]::varchar[]`;
  const amounts = new Set(amountColumns(source));
  let next = 0;
  const columns = sourceColumns(source).map((column, index) => {
    const at = (paths[index] ?? []).map(() => next++);
    const point = amounts.has(column) ? source.format.decimal : '.';
    const text = at.length === 0 ? 'cast(null as varchar)' : fieldText(at, point);
    return `${text} as s${index}`;
  });
  const wanted = objects.flatMap((object, index) => (object === undefined ? [] : [index]));
  const rows = `select wanted_no as object_no, row_number, json is null as malformed, raw, json_extract_string(json, ${list}) as texts, json_type(json, ${list}) as types
from ${loaded} join (values ${wanted.map((index, at) => `(${index}, ${at})`).join(', ')}) as w(object_no, wanted_no) using (object_no)`;
  return withFacts(
    session,
    objects.filter((object) => object !== undefined),
    rows,
    `row_number, malformed, raw, ${columns.join(', ')}`,
  );
}

import { amountColumns, sourceColumns } from '../../../medallion/columns.ts';
import { normaliseName } from '../../../medallion/fields/column-names.ts';
import type { Source } from '../../../medallion/source.ts';
import { addStages } from '../../../medallion/sql/stages.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { fieldText, hasKeyTwice, pointer, quotedTokens, strictObjectStages } from './json-sql.ts';
import { type BatchObject, withFacts } from './rows.ts';
import type { Session } from '../session.ts';

type Path = readonly string[];

type RowText = { row: number; text: string };

/**
 * Loads the raw texts of the rows of JSON objects, and tells which rows are good; the number of
 * good rows of each object.
 */
export async function loadJsonRows(
  session: Session,
  objects: readonly AsyncIterable<readonly RowText[]>[],
): Promise<number[]> {
  await session.run(
    'create or replace temp table json_text (object_no int, row_number bigint, raw varchar)',
  );
  const appender = await session.connection.createAppender('json_text');
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
  // DuckDB's JSON functions fail on malformed text, so only texts that passed the strict test reach
  // them.
  await session.run(`create or replace temp table json_rows as
select object_no, row_number, raw, case when good and not ${hasKeyTwice('json', 'raw')} then json end as json
from (select object_no, row_number, raw, good, case when good then ${quotedTokens('raw')} end as json from (${addStages('select * from json_text', strictObjectStages())}))`);
  await session.run('drop table json_text');
  const counts = await session.rows(
    'select object_no, count(json) as good from json_rows group by object_no',
  );
  const wellFormed = new Map(counts.map((row) => [Number(row['object_no']), Number(row['good'])]));
  return objects.map((_, index) => wellFormed.get(index) ?? 0);
}

/** Where a source's columns stand in the loaded rows. */
export type JsonColumns = {
  /**
   * For each column the places where it may stand, the first that is there being the one that
   * counts.
   */
  paths: Path[][];
  /** What each object has. */
  objects: JsonFacts[];
};

/**
 * `keys`: every key at the top of a row; `present`: columns that are there; `twice`: columns that
 * one row has at several places of equal standing.
 */
export type JsonFacts = { keys: string[]; present: string[]; duplicates: string[] };

/**
 * Finds a source's columns among the keys of the loaded rows; each row may spell them in its own
 * way.
 */
export async function locateJsonColumns(
  session: Session,
  source: Source,
  objects: number,
): Promise<JsonColumns> {
  const known = new Map<string, Promise<string[]>>();
  const keysAt = (path: Path): Promise<string[]> => {
    const at = pointer(path);
    const keys = known.get(at) ?? keysBelow(session, at);
    known.set(at, keys);
    return keys;
  };
  const columns = sourceColumns(source);
  const ranks = await Promise.all(
    columns.map(async (column) =>
      (await candidates(keysAt, [], normaliseName(column))).filter(({ length }) => length > 0),
    ),
  );
  const paths = ranks.map((places) => places.flat());
  return { paths, objects: await jsonFacts(session, columns, ranks, objects) };
}

async function keysBelow(session: Session, at: string): Promise<string[]> {
  const keys = at === '' ? 'json_keys(json)' : `json_keys(json, ${literal(at)})`;
  const [row] = await session.rows(
    `select ${asJson('list_sort(list_distinct(flatten(list(keys))))')} as keys from (select distinct ${keys} as keys from json_rows where json is not null) k`,
  );
  return namesOf(row?.['keys']);
}

// As JSON text, since the driver takes U+FEFF away where a text begins with it.
const asJson = (list: string): string => `cast(to_json(${list}) as varchar)`;
const namesOf = (json: string | null | undefined): string[] =>
  json === null || json === undefined ? [] : (JSON.parse(json) as string[]);

async function jsonFacts(
  session: Session,
  columns: readonly string[],
  ranks: readonly Path[][][],
  objects: number,
): Promise<JsonFacts[]> {
  const places = ranks.map(
    (column, index) => `coalesce(max(${matchesAtBestRank(column)}), 0) as places${index}`,
  );
  const counted = await session.rows(
    `select object_no, ${asJson('list_sort(list_distinct(flatten(list(json_keys(json)))))')} as keys, ${places.join(', ')} from json_rows where json is not null group by object_no`,
  );
  const found = new Map(counted.map((row) => [Number(row['object_no']), row]));
  return Array.from({ length: objects }, (_, object) => {
    const row = found.get(object) ?? {};
    const matches = (index: number): number => Number(row[`places${index}`] ?? 0);
    return {
      keys: namesOf(row['keys']),
      present: columns.filter((_column, index) => matches(index) > 0),
      duplicates: columns.filter((_column, index) => matches(index) > 1),
    };
  });
}

/** At how many places of the best rank that it has a row has a column. */
function matchesAtBestRank(ranks: readonly Path[][]): string {
  const counts = ranks.map((places) => `(${places.map(hasPath).join(' + ')})`);
  const cases = counts.map((count) => `when ${count} > 0 then ${count}`);
  return cases.length === 0 ? '0' : `case ${cases.join(' ')} else 0 end`;
}

const hasPath = (path: Path): string => `cast(json_exists(json, ${literal(pointer(path))}) as int)`;

/**
 * The places of a column by rank: a key of its whole name, then, for a dotted name, keys within
 * keys. Places of one rank differ in spelling only.
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
      ranks.push(inner.flatMap((places) => places[rank] ?? []));
  }
  return ranks;
}

/**
 * Rows of some of the loaded JSON objects with the source's columns; all values of a row are taken
 * in one pass.
 */
export function jsonRows(
  session: Session,
  objects: readonly (BatchObject | undefined)[],
  source: Source,
  paths: readonly Path[][],
): Promise<string> {
  const pointers = paths.flat().map((path) => literal(pointer(path)));
  const list = `[${pointers.join(', ')}]::varchar[]`;
  const amounts = new Set(amountColumns(source));
  let place = 0;
  const columns = sourceColumns(source).map((column, index) => {
    const at = (paths[index] ?? []).map(() => place++);
    const point = amounts.has(column) ? source.format.decimal : '.';
    const text = at.length === 0 ? 'cast(null as varchar)' : fieldText(at, point);
    return `${text} as s${index}`;
  });
  const wanted = objects.flatMap((object, index) => (object === undefined ? [] : [index]));
  const rows = `select wanted_no as object_no, row_number, json is null as malformed, raw, json_extract_string(json, ${list}) as texts, json_type(json, ${list}) as types
from json_rows join (values ${wanted.map((index, at) => `(${index}, ${at})`).join(', ')}) as w(object_no, wanted_no) using (object_no)`;
  return withFacts(
    session,
    objects.filter((object) => object !== undefined),
    rows,
    `row_number, malformed, raw, ${columns.join(', ')}`,
  );
}

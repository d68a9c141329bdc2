import { amountColumns, sourceColumns } from '../../medallion/columns.ts';
import { normaliseName } from '../../medallion/names.ts';
import type { Source } from '../../medallion/source.ts';
import { addStages } from '../../medallion/stages.ts';
import { literal } from '../../medallion/text.ts';
import { fieldText, hasKeyTwice, pointer, quotedTokens, strictObjectStages } from './json-sql.ts';
import { type BatchObject, constants } from './rows.ts';
import type { Session } from './session.ts';

type Path = readonly string[];

/** Loads the raw texts of a JSON object's rows, and tells which are good objects; the number of those. */
export async function loadJsonRows(
  session: Session,
  batches: AsyncIterable<readonly { row: number; text: string }[]>,
): Promise<number> {
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
select row_number, raw, case when good and not ${hasKeyTwice('json', 'raw')} then json end as json
from (select row_number, raw, good, case when good then ${quotedTokens('raw')} end as json from (${addStages('select * from json_text', strictObjectStages())}))
order by row_number`);
  const [good] = await session.rows('select count(json) as rows from json_rows');
  return Number(good?.['rows'] ?? 0);
}

/** Where a source's columns stand in the loaded rows. */
export type JsonColumns = {
  /** Every key at the top of a row. */
  keys: string[];
  /** For each column the places where it may stand, the first that is there being the one that counts. */
  paths: Path[][];
  /** Columns that one row has at several places of equal standing. */
  twice: string[];
};

/** Finds a source's columns among the keys of the loaded rows; each row may spell them in its own way. */
export async function locateJsonColumns(session: Session, source: Source): Promise<JsonColumns> {
  const known = new Map<string, Promise<string[]>>();
  const keysAt = (path: Path): Promise<string[]> => {
    const at = pointer(path);
    const keys = known.get(at) ?? keysBelow(session, at);
    known.set(at, keys);
    return keys;
  };
  const columns = sourceColumns(source);
  const groups = await Promise.all(
    columns.map(async (column) =>
      (await candidates(keysAt, [], normaliseName(column))).filter(({ length }) => length > 0),
    ),
  );
  const doubled = await Promise.all(groups.map((places) => isTwice(session, places)));
  return {
    keys: await keysAt([]),
    paths: groups.map((places) => places.flat()),
    twice: columns.filter((_, index) => doubled[index]),
  };
}

async function keysBelow(session: Session, at: string): Promise<string[]> {
  const keys = at === '' ? 'json_keys(json)' : `json_keys(json, ${literal(at)})`;
  const rows = await session.rows(
    `select distinct unnest(${keys}) as name from json_rows where json is not null order by name`,
  );
  return rows.map(({ name }) => name ?? '');
}

/** The places of a column by rank: a key of its whole name, then, for a dotted name, keys within keys. Places of one rank differ in spelling only. */
async function candidates(
  keysAt: (path: Path) => Promise<string[]>,
  below: Path,
  wanted: string,
): Promise<Path[][]> {
  const keys = await keysAt(below);
  const named = (name: string): Path[] =>
    keys.filter((key) => normaliseName(key) === name).map((key) => [...below, key]);
  const ranks = [named(wanted)];
  for (let dot = wanted.indexOf('.'); dot >= 0; dot = wanted.indexOf('.', dot + 1)) {
    const inner = await Promise.all(
      named(wanted.slice(0, dot)).map((path) => candidates(keysAt, path, wanted.slice(dot + 1))),
    );
    const depth = Math.max(0, ...inner.map(({ length }) => length));
    for (let rank = 0; rank < depth; rank++)
      ranks.push(inner.flatMap((places) => places[rank] ?? []));
  }
  return ranks;
}

/** Whether some row has a column at two places of one rank, and at none of a better one. */
async function isTwice(session: Session, ranks: readonly Path[][]): Promise<boolean> {
  if (ranks.every(({ length }) => length < 2)) return false;
  const counts = ranks.map(
    (places) => `(${places.map((path) => `cast(${isThere(path)} as int)`).join(' + ')})`,
  );
  const first = `list_filter([${counts.join(', ')}], lambda n: n > 0)[1]`;
  const [row] = await session.rows(
    `select coalesce(bool_or(${first} > 1), false) as twice from json_rows where json is not null`,
  );
  return row?.['twice'] === 'true';
}

const isThere = (path: Path): string => `json_exists(json, ${literal(pointer(path))})`;

/** Rows of the loaded JSON object with the source's columns; all values of a row are taken in one pass. */
export function jsonRows(object: BatchObject, source: Source, paths: readonly Path[][]): string {
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
  return `select ${constants(object)}, row_number, malformed, raw, ${columns.join(', ')}
from (select row_number, json is null as malformed, raw, json_extract_string(json, ${list}) as texts, json_type(json, ${list}) as types from json_rows)`;
}

import type { Stage } from '../../../medallion/sql/stages.ts';
import { literal } from '../../../medallion/sql/text.ts';

const STRING = '"[^"\\\\]*(?:(?s:\\\\.)[^"\\\\]*)*"';
const BETWEEN = '[ \\t\\r\\n\\[\\]{}:,]';
const GOOD_STRING = '"(?:[^"\\\\\\x{0}-\\x{1f}]|\\\\["\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4})*"';
const BARE = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity';
/** Maximum nesting of objects and arrays (SPEC section 3). */
const DEPTH = 8;

/** Pattern of an object or a list whose values are all folded. */
const FLAT = '\\{(?:"":"[nv]?"(?:,"":"[nv]?")*)?\\}|\\[(?:"[nv]?"(?:,"[nv]?")*)?\\]';

const replaceAll = (text: string, pattern: string, replacement: string): string =>
  `regexp_replace(${text}, ${literal(pattern)}, ${literal(replacement)}, 'g')`;

/**
 * SQL that quotes every bare token as a string that begins with U+0001, so that numbers keep their
 * digits as written (DuckDB's reader and JSON.parse both change them) and null differs from "null".
 * A string that itself begins with U+0001 gets a second one.
 */
export function quotedTokens(text: string): string {
  const doubled = replaceAll(
    text,
    '"(\\\\u0001)?([^"\\\\]*(?:(?s:\\\\.)[^"\\\\]*)*)"',
    '"\\1\\1\\2"',
  );
  const quoted = replaceAll(
    `case when contains(${text}, ${literal('\\u0001')}) then ${doubled} else ${text} end`,
    `(${BETWEEN}*(?:${STRING}${BETWEEN}*)*)([^ \\t\\r\\n\\[\\]{}:,"]+|\\z)`,
    '\\1"\\\\u0001\\2"',
  );
  return `regexp_replace(${quoted}, '("\\\\u0001")+\\z', '')`;
}

/**
 * Stages that compute `good`: true if the column `raw` is one JSON object, strictly. Valid strings
 * and tokens are folded to marks, then objects and lists, level by level. A level is folded only
 * if one remains: most rows have one level.
 */
export function strictObjectStages(): Stage[] {
  const tokens = replaceAll(replaceAll('raw', GOOD_STRING, '""'), BARE, '"n"');
  const tight = replaceAll(replaceAll(tokens, '[ \\t\\r\\n]+', ' '), ' ?([\\[\\]{}:,]) ?', '\\1');
  const levels = Array.from({ length: DEPTH }, (_, level): Stage => {
    const before = `folded${level}`;
    const once = replaceAll(before, FLAT, '"v"');
    return [[`folded${level + 1}`, `case when ${before} = '"v"' then ${before} else ${once} end`]];
  });
  const pairs = replaceAll(
    replaceAll('raw', '\\\\\\\\', ''),
    '\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}',
    '',
  );
  const isObject = `trim(folded${DEPTH}, ' ') = '"v"' and regexp_matches(raw, '\\A[ \\t\\r\\n]*\\{')`;
  const isWhole = `not regexp_matches(${pairs}, '[\\\\]u[dD][89a-fA-F]')`;
  return [[['folded0', tight]], ...levels, [['good', `${isObject} and ${isWhole}`]]];
}

/**
 * Condition that is true if an object of quoted tokens, or one inside it, has a duplicate key.
 * `text` is the same object before quoting, to skip rows without an inner object, which is most of
 * them.
 */
export function hasKeyTwice(json: string, text: string): string {
  const twice = (object: string): string =>
    `len(json_keys(${object})) <> len(list_distinct(json_keys(${object})))`;
  const inner = `len(list_filter(json_extract(${json}, '$..*'), lambda x: ${twice('x')})) > 0`;
  return `(${twice(json)} or (regexp_matches(${text}, '(?s)\\{.*\\{') and ${inner}))`;
}

/** Converts a path of keys to a JSON pointer in which every character of a key is literal. */
export const pointer = (path: readonly string[]): string =>
  path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/**
 * SQL for the text of the first value that exists: a number as written; null for null, an object or
 * a list. `at` holds the candidates' positions in the lists `texts` and `types` of a row; `point`
 * is the decimal mark to write a bare number with.
 */
export function fieldText(at: readonly number[], point: '.' | ','): string {
  const [only = 0, ...others] = at.map((place) => place + 1);
  if (others.length > 0) {
    const cases = at.map(
      (place) => `when types[${place + 1}] is not null then ${fieldText([place], point)}`,
    );
    return `case ${cases.join(' ')} end`;
  }
  const value = `texts[${only}]`;
  const bare = `nullif(substr(${value}, 2), 'null')`;
  return `case when types[${only}] <> 'VARCHAR' then null
    when substr(${value}, 1, 2) = chr(1) || chr(1) then substr(${value}, 2)
    when substr(${value}, 1, 1) = chr(1) then ${point === '.' ? bare : `replace(${bare}, '.', ',')`}
    else ${value} end`;
}

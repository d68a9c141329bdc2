import { literal } from '../../medallion/text.ts';

const STRING = '"[^"\\\\]*(?:(?s:\\\\.)[^"\\\\]*)*"';
const BETWEEN = '[ \\t\\r\\n\\[\\]{}:,]';
const GOOD_STRING = '"(?:[^"\\\\\\x{0}-\\x{1f}]|\\\\["\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4})*"';
const BARE = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity';
/** Objects and arrays may be nested this deep (SPEC section 3). */
const DEPTH = 8;

const replaceAll = (text: string, pattern: string, replacement: string): string =>
  `regexp_replace(${text}, ${literal(pattern)}, ${literal(replacement)}, 'g')`;

/**
 * JSON text in which every bare token is a string that begins with U+0001, so that numbers keep the digits that were written
 * (DuckDB's reader and JSON.parse both change them) and null can be told from "null".
 */
export function quotedTokens(text: string): string {
  const quoted = replaceAll(
    text,
    `(${BETWEEN}*(?:${STRING}${BETWEEN}*)*)([^ \\t\\r\\n\\[\\]{}:,"]+|\\z)`,
    '\\1"\\\\u0001\\2"',
  );
  return `regexp_replace(${quoted}, '("\\\\u0001")+\\z', '')`;
}

/** True where the text is one JSON object, strictly: good strings and tokens are folded to marks, then objects and lists, level by level. */
export function isJsonObject(text: string): string {
  let folded = replaceAll(replaceAll(text, GOOD_STRING, '""'), BARE, '"n"');
  folded = replaceAll(replaceAll(folded, '[ \\t\\r\\n]+', ' '), ' ?([\\[\\]{}:,]) ?', '\\1');
  for (let level = 0; level < DEPTH; level++)
    folded = replaceAll(
      replaceAll(folded, '\\{(?:"":"[nol]?"(?:,"":"[nol]?")*)?\\}', '"o"'),
      '\\[(?:"[nol]?"(?:,"[nol]?")*)?\\]',
      '"l"',
    );
  const pairs = replaceAll(
    replaceAll(text, '\\\\\\\\', ''),
    '\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}',
    '',
  );
  return `(trim(${folded}, ' ') = '"o"' and not regexp_matches(${pairs}, '[\\\\]u[dD][89a-fA-F]'))`;
}

/** True where an object of quoted tokens names a key twice, at its top level. */
export const hasKeyTwice = (json: string): string =>
  `len(json_keys(${json})) <> len(list_distinct(json_keys(${json})))`;

/** A path of keys as a JSON pointer, in which every character of a key is literal. */
export const pointer = (path: readonly string[]): string =>
  path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The text at a path of an object of quoted tokens: a number as it was written, null for null. */
export function fieldText(json: string, path: readonly string[]): string {
  const value = `json_extract_string(${json}, ${literal(pointer(path))})`;
  return `case when substr(${value}, 1, 1) = chr(1) then nullif(substr(${value}, 2), 'null') else ${value} end`;
}

import type { Dialect } from './dialect.ts';

/**
 * The Unicode blanks, as both engines' regular expressions spell the class (RE2's and Java's own
 * `\s` differ).
 */
const BLANKS =
  '\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
/** Control characters that are not blanks. */
const CONTROLS = '\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{7f}-\\x{84}\\x{86}-\\x{9f}';
/** Code points that a name is cut at. */
export const NAME_LENGTH = 255;

/**
 * A quote, a NUL, which ends a text in C, and the dollar of `${`, which Spark reads as a variable
 * unless it is configured otherwise.
 */
const BY_CODE = /(['\0]|\$(?=\{))/;

/**
 * Returns a literal of any text as one expression. Spark reads a doubled quote as two adjacent
 * strings, so quotes are joined in by code. Half a surrogate pair, which has no UTF-8, becomes
 * U+FFFD.
 */
export function literal(text: string): string {
  const [first = '', ...others] = text.replaceAll(/\p{Surrogate}/gu, '\ufffd').split(BY_CODE);
  if (others.length === 0) return `'${first}'`;
  const parts = others.map((part, at) =>
    at % 2 === 0 ? `chr(${part.charCodeAt(0)})` : `'${part}'`,
  );
  return `(${[`'${first}'`, ...parts].join('||')})`;
}

/**
 * True for a row, as it was read, whose values need no trimming or cleaning: printable ASCII
 * without quotes and escapes, no two adjacent blanks, none next to a possible delimiter, at most
 * 255 characters in all. Most rows are plain, and one match of the row costs a fifth of a match of
 * each of eight values.
 */
export const isPlainRow = (raw: string): string =>
  `(length(${raw}) <= ${NAME_LENGTH} and not regexp_like(${raw}, '[^ -~]|["\\\\]|  |[,;|] | [,;|]|\\A | \\z'))`;

/**
 * The text without outer Unicode blanks, null where nothing is left; `plain` is a boolean column of
 * `isPlainRow`.
 */
export function trimmed(dialect: Dialect, text: string, plain: string): string {
  const replaced = dialect.replaceAll(text, `\\A[${BLANKS}]+|[${BLANKS}]+\\z`, '');
  return `nullif(case when ${plain} then ${text} else ${replaced} end, '')`;
}

/**
 * The text with ASCII letters in lower case and all others unchanged. `lower` alone differs between
 * engines for other alphabets; where it changes nothing, nothing has to be done.
 */
export function lowered(text: string): string {
  return `case when lower(${text}) = ${text} then ${text} else translate(${text}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') end`;
}

/**
 * A trimmed name, cleaned: without controls, runs of blanks replaced by one, cut at 255 code
 * points, trimmed; null where nothing is left.
 */
export function cleanedName(dialect: Dialect, text: string): string {
  // The length comes first: Java's expressions repeat a group by recursion, and a long text would
  // overflow the stack.
  const plain = `length(${text}) <= ${NAME_LENGTH} and regexp_like(${text}, '\\A[!-~]+(?: [!-~]+)*\\z')`;
  const withoutControls = dialect.replaceAll(text, `[${CONTROLS}]`, '');
  const joined = dialect.replaceAll(withoutControls, `[${BLANKS}]+`, ' ');
  const outer = dialect.replaceAll(joined, '\\A | \\z', '');
  const cut = dialect.replaceAll(`substr(${outer}, 1, ${NAME_LENGTH})`, ' \\z', '');
  return `case when ${plain} then ${text} else nullif(${cut}, '') end`;
}

/**
 * A trimmed, lower-cased e-mail address where it has the form of one, otherwise null (SPEC section
 * 4).
 */
export function cleanedEmail(lower: string): string {
  const part = `[^${BLANKS}${CONTROLS}@<>(),;:"\\[\\]\\\\]+`;
  const domain = `[^${BLANKS}${CONTROLS}@<>(),;:"\\[\\]\\\\.]+`;
  return `case when length(${lower}) <= 255 and regexp_like(${lower}, '\\A${part}@${part}\\.${domain}\\z') then ${lower} end`;
}

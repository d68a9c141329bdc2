import { arrayElements, isOneObject } from './json-extents.ts';

/**
 * A JSON value with its numbers as they were written. `bare` is a number, true, false, NaN or an
 * infinity.
 */
export type Json =
  | { kind: 'null' }
  | { kind: 'bare'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'array'; items: Json[] }
  | { kind: 'object'; entries: [string, Json][] };

export type JsonObject = Extract<Json, { kind: 'object' }>;

const MAX_LEVELS = 8;
const BARE =
  /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity)(?![^ \t\r\n,\]}:[{"])/y;
const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

type Cursor = { text: string; at: number };

class Broken extends Error {}

function skipBlanks(cursor: Cursor): void {
  while (' \t\r\n'.includes(cursor.text[cursor.at] ?? 'end')) cursor.at++;
}

function next(cursor: Cursor): string {
  const char = cursor.text[cursor.at];
  if (char === undefined) throw new Broken('the text ends too early');
  cursor.at++;
  return char;
}

function expect(cursor: Cursor, char: string): void {
  if (next(cursor) !== char) throw new Broken(`${char} expected before ${cursor.at}`);
}

function readEscape(cursor: Cursor): string {
  const char = next(cursor);
  if (char !== 'u') {
    const plain = ESCAPES[char];
    if (plain === undefined) throw new Broken(`no such escape: ${char}`);
    return plain;
  }
  const hex = cursor.text.slice(cursor.at, cursor.at + 4);
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new Broken(`no such escape: u${hex}`);
  cursor.at += 4;
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function readString(cursor: Cursor): string {
  expect(cursor, '"');
  let text = '';
  for (;;) {
    const char = next(cursor);
    if (char === '"') return text;
    if (char < ' ') throw new Broken('a control character in a string');
    text += char === '\\' ? readEscape(cursor) : char;
  }
}

/** Reads comma-separated items between an opening and a closing mark. */
function readList(cursor: Cursor, close: string, readOne: () => void): void {
  cursor.at++;
  skipBlanks(cursor);
  if (cursor.text[cursor.at] === close) {
    cursor.at++;
    return;
  }
  for (;;) {
    readOne();
    skipBlanks(cursor);
    const char = next(cursor);
    if (char === close) return;
    if (char !== ',') throw new Broken(`a comma expected before ${cursor.at}`);
  }
}

function readObject(cursor: Cursor): Json {
  const entries: [string, Json][] = [];
  readList(cursor, '}', () => {
    skipBlanks(cursor);
    const key = readString(cursor);
    skipBlanks(cursor);
    expect(cursor, ':');
    entries.push([key, readValue(cursor)]);
  });
  return { kind: 'object', entries };
}

function readBare(cursor: Cursor): Json {
  BARE.lastIndex = cursor.at;
  const text = BARE.exec(cursor.text)?.[0];
  if (text === undefined) throw new Broken(`no value at ${cursor.at}`);
  cursor.at += text.length;
  return text === 'null' ? { kind: 'null' } : { kind: 'bare', text };
}

function readValue(cursor: Cursor): Json {
  skipBlanks(cursor);
  const char = cursor.text[cursor.at];
  if (char === '"') return { kind: 'string', text: readString(cursor) };
  if (char === '{') return readObject(cursor);
  if (char !== '[') return readBare(cursor);
  const items: Json[] = [];
  readList(cursor, ']', () => items.push(readValue(cursor)));
  return { kind: 'array', items };
}

/**
 * Parses one strict JSON value, the three bare tokens NaN, Infinity and -Infinity allowed; null if
 * it is none.
 */
export function parseJson(text: string): Json | null {
  const cursor = { text, at: 0 };
  try {
    const value = readValue(cursor);
    skipBlanks(cursor);
    return cursor.at === text.length ? value : null;
  } catch (error) {
    // A RangeError is a text nested deeper than the stack.
    if (error instanceof Broken || error instanceof RangeError) return null;
    throw error;
  }
}

function levels(value: Json): number {
  if (value.kind === 'array') return 1 + Math.max(0, ...value.items.map(levels));
  if (value.kind === 'object')
    return 1 + Math.max(0, ...value.entries.map(([, one]) => levels(one)));
  return 0;
}

function isWhole(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function isSound(value: Json): boolean {
  if (value.kind === 'string') return isWhole(value.text);
  if (value.kind === 'array') return value.items.every(isSound);
  if (value.kind !== 'object') return true;
  const keys = value.entries.map(([key]) => key);
  return (
    new Set(keys).size === keys.length &&
    keys.every(isWhole) &&
    value.entries.every(([, one]) => isSound(one))
  );
}

/**
 * The value as a row; null if it is not an object, has a duplicate key, half a surrogate pair or
 * more than 8 levels.
 */
function asRow(value: Json | null): JsonObject | null {
  if (value === null || value.kind !== 'object') return null;
  return levels(value) <= MAX_LEVELS && isSound(value) ? value : null;
}

/** The rows of a JSON text, null for a malformed one; `unreadable` for a broken array. */
export function readJson(text: string): (JsonObject | null)[] | 'unreadable' {
  const first = /[^ \t\r\n]/.exec(text)?.[0];
  if (first === undefined) return [];
  if (first === '[')
    return arrayElements(text)?.map((element) => asRow(parseJson(element))) ?? 'unreadable';
  if (isOneObject(text)) return [asRow(parseJson(text))];
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => !/^[ \t]*$/.test(line))
    .map((line) => asRow(parseJson(line)));
}

import { stringEnd } from '../../lake/bronze/json-string.ts';
import { type Document, MOST_DEPTH } from './document.ts';
import { type Path, pathText } from '../shape/faults.ts';

const BLANK = /[ \t\r\n]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Reader = { text: string; at: number; document: Document };

class Stop extends Error {}

/**
 * Reads JSON (RFC 8259) with the offset of every key. `JSON.parse` has no offsets, accepts
 * duplicate keys, and quotes the text, including passwords, in its messages.
 */
export function readJson(text: string): Document {
  const document: Document = { value: undefined, offsets: new Map(), faults: [] };
  const reader = { text, at: 0, document };
  try {
    document.value = readValue(reader, []);
    if (next(reader) !== '') stop(reader, 'the end');
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  return document;
}

function readValue(reader: Reader, path: Path): unknown {
  const mark = next(reader);
  if (path.length > MOST_DEPTH) stop(reader, `at most ${MOST_DEPTH} levels of lists and objects`);
  if (mark === '{') return Object.fromEntries(readMembers(reader, path));
  if (mark === '[') return readItems(reader, path);
  if (mark === '"') return readString(reader);
  return JSON.parse(take(reader, SCALAR) ?? stop(reader, 'a value'));
}

function readMembers(reader: Reader, path: Path): Map<string, unknown> {
  const members = new Map<string, unknown>();
  reader.at += 1;
  while (next(reader) !== '}') {
    if (members.size > 0) skip(reader, ',', 'a comma or }');
    if (next(reader) !== '"') stop(reader, 'a key in double quotes');
    const offset = reader.at;
    const key = readString(reader);
    const message = `duplicate key ${JSON.stringify(key)}`;
    if (members.has(key)) reader.document.faults.push({ offset, message });
    const below = [...path, key];
    reader.document.offsets.set(pathText(below), offset);
    skip(reader, ':', 'a colon');
    members.set(key, readValue(reader, below));
  }
  reader.at += 1;
  return members;
}

function readItems(reader: Reader, path: Path): unknown[] {
  const items: unknown[] = [];
  reader.at += 1;
  while (next(reader) !== ']') {
    if (items.length > 0) skip(reader, ',', 'a comma or ]');
    next(reader);
    const below = [...path, items.length];
    reader.document.offsets.set(pathText(below), reader.at);
    items.push(readValue(reader, below));
  }
  reader.at += 1;
  return items;
}

function readString(reader: Reader): string {
  const start = reader.at;
  const end = stringEnd(reader.text, start) ?? stop(reader, 'text that ends with a double quote');
  const lexeme = reader.text.slice(start, end);
  reader.at = end;
  try {
    return String(JSON.parse(lexeme));
  } catch {
    reader.at = start;
    return stop(reader, 'text on one line with JSON escapes');
  }
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  reader.at += found?.length ?? 0;
  return found;
}

/** Skips blanks and returns the next character without consuming it; empty at the end. */
function next(reader: Reader): string {
  take(reader, BLANK);
  return reader.text.charAt(reader.at);
}

function skip(reader: Reader, mark: string, expected: string): void {
  if (next(reader) !== mark) stop(reader, expected);
  reader.at += 1;
}

function stop(reader: Reader, expected: string): never {
  const found = reader.text.charAt(reader.at);
  const comment = found === '/' ? ' (JSON has no comments; YAML has)' : '';
  const message = `expected ${expected}, found ${found === '' ? 'the end' : JSON.stringify(found)}${comment}`;
  reader.document.faults.push({ offset: reader.at, message });
  throw new Stop(message);
}

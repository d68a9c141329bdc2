import { stringEnd } from '../bronze/json-string.ts';

/**
 * Replaces values of a JSON text by null where `isPlace` returns true for the value's path of keys.
 * All other text stays unchanged.
 */
export function blankJson(text: string, isPlace: (path: readonly string[]) => boolean): string {
  const cuts: [from: number, to: number][] = [];
  readValue({ text, isPlace, cuts }, blanksFrom(text, 0), []);
  let blanked = '';
  let at = 0;
  for (const [from, to] of cuts) {
    blanked += `${text.slice(at, from)}null`;
    at = to;
  }
  return blanked + text.slice(at);
}

/** Counts the members and elements of a JSON text at all levels. */
export function countPlaces(text: string): number {
  let count = 0;
  blankJson(text, () => {
    count += 1;
    return false;
  });
  return count;
}

type Reading = {
  text: string;
  isPlace(path: readonly string[]): boolean;
  cuts: [from: number, to: number][];
};

/** Returns the offset after the value at `at`. The text must be valid JSON. */
function readValue(reading: Reading, at: number, path: readonly string[]): number {
  const { text, isPlace, cuts } = reading;
  const open = text[at];
  if (path.length > 0 && isPlace(path)) {
    const end = readValue({ ...reading, isPlace: () => false }, at, path);
    cuts.push([at, end]);
    return end;
  }
  if (open === '{') return readMembers(reading, at, path);
  if (open === '[') return readElements(reading, at, path);
  if (open === '"') return stringEnd(text, at) ?? text.length;
  const token = /[^\s,\]}]+/y;
  token.lastIndex = at;
  token.test(text);
  return token.lastIndex;
}

function readMembers(reading: Reading, start: number, path: readonly string[]): number {
  const { text } = reading;
  let at = blanksFrom(text, start + 1);
  while (text[at] !== '}' && at < text.length) {
    const key = readValue({ ...reading, isPlace: () => false }, at, path);
    const name = JSON.parse(text.slice(at, key)) as string;
    const value = blanksFrom(text, blanksFrom(text, key) + 1);
    at = afterComma(text, readValue(reading, value, [...path, name]));
  }
  return at + 1;
}

function readElements(reading: Reading, start: number, path: readonly string[]): number {
  const { text } = reading;
  let at = blanksFrom(text, start + 1);
  while (text[at] !== ']' && at < text.length) at = afterComma(text, readValue(reading, at, path));
  return at + 1;
}

function afterComma(text: string, end: number): number {
  const at = blanksFrom(text, end);
  return text[at] === ',' ? blanksFrom(text, at + 1) : at;
}

function blanksFrom(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? 'x')) at += 1;
  return at;
}

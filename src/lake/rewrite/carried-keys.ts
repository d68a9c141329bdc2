import { normaliseName } from '../../medallion/fields/column-names.ts';
import { jsonRows } from '../bronze/json-rows.ts';
import type { JsonScan } from '../bronze/scan.ts';
import { countPlaces } from './blank-json.ts';

/** Keys that a row is to carry, for all rows of its object. */
export type Carried = { row: number; keys: string[] };

/**
 * A JSON object has the keys that any of its rows has (SPEC section 3): without the rows that go,
 * it may lack a column without which nothing of it is read, or its currency, instead of which
 * others would count. Which of `columns` only the rows that go have, and the first row that can
 * carry them. `left` answers what is left of a row, undefined where nothing is.
 */
export async function carriedKeys(
  scan: JsonScan,
  columns: readonly string[],
  remaining: (row: number, raw: string) => string | undefined,
): Promise<Carried | undefined> {
  const open = new Map(columns.map((column) => [normaliseName(column), column]));
  const lost = new Set<string>();
  let carrier: number | undefined;
  for await (const batch of jsonRows(scan))
    for (const { row, text } of batch) {
      if (open.size === 0) return undefined;
      const kept = remaining(row, text);
      if (kept !== text) for (const name of namesIn(text) ?? []) lost.add(name);
      const names = kept === undefined ? undefined : namesIn(kept);
      if (names === undefined) continue;
      carrier ??= row;
      for (const name of names) open.delete(name);
    }
  const keys = [...open].flatMap(([name, column]) => (lost.has(name) ? [column] : []));
  // Where no row is an object there are no keys to miss: every row is malformed by itself.
  return carrier === undefined || keys.length === 0 ? undefined : { row: carrier, keys };
}

/** Keys of null at the start of an object, written as `carrying` writes them. */
const CARRIED = /^\{((?:"(?:[^"\\]|\\.)*":null(?:,|(?=\})))*)/u;

/**
 * A row with keys of null before all others. They are in order with those that it carries already:
 * a copy of its object that comes again, and loses at once what erasures took one by one, is a copy
 * still.
 */
export function carrying(raw: string, keys: readonly string[]): string {
  const [start = '{', known = ''] = CARRIED.exec(raw) ?? [];
  const names = new Set(keys.map((key) => JSON.stringify(key)));
  for (const [, name = ''] of known.matchAll(/("(?:[^"\\]|\\.)*"):null/gu)) names.add(name);
  const all = [...names].toSorted().map((name) => `${name}:null`);
  const rest = raw.slice(start.length);
  return `{${all.join(',')}${/^\s*\}/u.test(rest) ? '' : ','}${rest}`;
}

/** A row as it is known by its text, whatever keys it came to carry. */
export const withoutCarried = (raw: string): string => raw.replace(CARRIED, '{');

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

const MAX_LEVELS = 8;

/**
 * The names of the columns that a row has, nested ones with points; undefined where the row is
 * malformed (SPEC section 3).
 */
function namesIn(raw: string): Set<string> | undefined {
  const value = parsed(raw);
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value))
    return undefined;
  // A key that stands there twice is once in the value.
  if (!isSound(value, MAX_LEVELS) || countPlaces(raw) !== countOf(value)) return undefined;
  return new Set(pathsOf(value, []));
}

const NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/gu;

function parsed(raw: string): Value | undefined {
  try {
    return JSON.parse(raw) as Value;
  } catch {
    // Three words that rows may have, and that JSON does not know.
    const text = raw.replace(NUMBERS, (token) => (token.startsWith('"') ? token : 'null'));
    return text === raw ? undefined : parsed(text);
  }
}

/**
 * Whether a text has no half of a surrogate pair, and no more than so many levels; nobody looks
 * below them.
 */
function isSound(value: Value, levels: number): boolean {
  if (typeof value === 'string') return isWhole(value);
  if (value === null || typeof value !== 'object') return true;
  if (levels === 0 || (!Array.isArray(value) && !Object.keys(value).every(isWhole))) return false;
  return Object.values(value).every((one) => isSound(one, levels - 1));
}

const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Members of objects and elements of arrays, at all levels. */
function countOf(value: Value): number {
  if (value === null || typeof value !== 'object') return 0;
  const inner: readonly Value[] = Object.values(value);
  let count = inner.length;
  for (const one of inner) count += countOf(one);
  return count;
}

function pathsOf(value: Value, path: readonly string[]): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, normaliseName(key)];
    return [here.join('.'), ...pathsOf(inner, here)];
  });
}

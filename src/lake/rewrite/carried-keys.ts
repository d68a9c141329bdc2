import { normaliseName } from '../../medallion/fields/column-names.ts';
import { jsonRows } from '../bronze/json-rows.ts';
import type { JsonScan } from '../bronze/scan.ts';
import { countPlaces } from './blank-json.ts';

/** The row that must get null keys on behalf of its whole object. */
export type Carried = { row: number; keys: string[] };

/**
 * A JSON object's columns are the keys of all its rows (SPEC section 3). Without the removed rows
 * it may lack a required column, or its currency, for which a default would be used. Returns the
 * `columns` that only removed rows have, and the first remaining row, which must carry them.
 * `remaining` returns the rest of a row, undefined where nothing is left.
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
  // Where no row is an object, no key can be missing: every row is malformed.
  return carrier === undefined || keys.length === 0 ? undefined : { row: carrier, keys };
}

/** Null keys at the start of an object, as `carrying` writes them. */
const CARRIED = /^\{((?:"(?:[^"\\]|\\.)*":null(?:,|(?=\})))*)/u;

/**
 * Adds null keys at the start of a row, sorted together with those that it already carries. A copy
 * of the object that is sent again and loses all rows at once thus equals the object that lost them
 * one by one.
 */
export function carrying(raw: string, keys: readonly string[]): string {
  const [start = '{', known = ''] = CARRIED.exec(raw) ?? [];
  const names = new Set(keys.map((key) => JSON.stringify(key)));
  for (const [, name = ''] of known.matchAll(/("(?:[^"\\]|\\.)*"):null/gu)) names.add(name);
  const all = [...names].toSorted().map((name) => `${name}:null`);
  const rest = raw.slice(start.length);
  return `{${all.join(',')}${/^\s*\}/u.test(rest) ? '' : ','}${rest}`;
}

/** Removes carried keys: a row is identified by the rest of its text. */
export const withoutCarried = (raw: string): string => raw.replace(CARRIED, '{');

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

const MAX_LEVELS = 8;

/**
 * Returns the column names of a row, nested ones joined by dots; undefined where the row is
 * malformed (SPEC section 3).
 */
function namesIn(raw: string): Set<string> | undefined {
  const value = parsed(raw);
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value))
    return undefined;
  // A duplicate key occurs once in the parsed value.
  if (!isSound(value, MAX_LEVELS) || countPlaces(raw) !== countOf(value)) return undefined;
  return new Set(pathsOf(value, []));
}

const NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/gu;

function parsed(raw: string): Value | undefined {
  try {
    return JSON.parse(raw) as Value;
  } catch {
    // Rows may hold Infinity, -Infinity and NaN, which JSON does not allow.
    const text = raw.replace(NUMBERS, (token) => (token.startsWith('"') ? token : 'null'));
    return text === raw ? undefined : parsed(text);
  }
}

/**
 * True where no text has a lone surrogate and the value has at most `levels` levels; deeper levels
 * are not examined.
 */
function isSound(value: Value, levels: number): boolean {
  if (typeof value === 'string') return isWhole(value);
  if (value === null || typeof value !== 'object') return true;
  if (levels === 0 || (!Array.isArray(value) && !Object.keys(value).every(isWhole))) return false;
  return Object.values(value).every((one) => isSound(one, levels - 1));
}

const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Counts the members of objects and elements of arrays at all levels. */
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

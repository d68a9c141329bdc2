import type { Source } from '../../src/medallion/source.ts';
import { contentOf, decodeText, sha256 } from './bytes.ts';
import { readCsv } from './csv.ts';
import { type Json, type JsonObject, readJson } from './json.ts';
import { isServed, mappedColumns, requiredFields } from './mapping.ts';
import { normalName, present } from './text.ts';
import type { ObjectReason, OracleObject } from './types.ts';

/**
 * A value of a row, trimmed and not blank. `isNumber` is a JSON number, which ignores declared
 * marks.
 */
export type Cell = { text: string; isNumber: boolean };

export type GoodRow = { number: number; cell: (column: string) => Cell | null };
export type Row = GoodRow | { number: number; malformed: true };

export type Table = {
  digest: string;
  rows: Row[];
  /** True if the object lacks the columns of the currency. */
  lacksCurrency: boolean;
};

type Columns = { rows: Row[]; count: (column: string) => number };

/** How to read an object, by the end of its key; null for an object that is only reported. */
export function kindOf(key: string, declared: 'csv' | 'json' | undefined): 'csv' | 'json' | null {
  const ending = /\.(csv|tsv|txt|json|jsonl|ndjson)(?:\.gz)?$/i.exec(key)?.[1]?.toLowerCase();
  if (ending === undefined) return null;
  return declared ?? (ending.includes('json') ? 'json' : 'csv');
}

function textCell(text: string | null): Cell | null {
  const value = present(text);
  return value === null ? null : { text: value, isNumber: false };
}

function csvColumns(text: string, delimiter: string | undefined): Columns | 'unreadable' | null {
  const table = readCsv(text, delimiter);
  if (table === null || table === 'unreadable') return table;
  const names = table.header.map(normalName);
  const rows = table.rows.map((row, index): Row => {
    const number = index + 1;
    if ('malformed' in row) return { number, malformed: true };
    return { number, cell: (column) => textCell(row.fields[names.indexOf(column)] ?? null) };
  });
  return { rows, count: (column) => names.filter((name) => name === column).length };
}

/**
 * The values of a path in an object: a key of the whole name first, else one key and the path below
 * it.
 */
export function valuesAt(object: JsonObject, path: string): Json[] {
  const whole = object.entries.filter(([key]) => normalName(key) === path);
  if (whole.length > 0) return whole.map(([, value]) => value);
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const parents = object.entries.filter(([key]) => normalName(key) === path.slice(0, dot));
    const below = parents.flatMap(([, parent]) =>
      parent.kind === 'object' ? valuesAt(parent, path.slice(dot + 1)) : [],
    );
    if (below.length > 0) return below;
  }
  return [];
}

function jsonCell(value: Json | undefined): Cell | null {
  if (value?.kind === 'string') return textCell(value.text);
  if (value?.kind === 'bare') return { text: value.text, isNumber: /[0-9]/.test(value.text) };
  return null;
}

function jsonColumns(text: string): Columns | 'unreadable' | null {
  const objects = readJson(text);
  if (objects === 'unreadable') return 'unreadable';
  const good = objects.filter((object) => object !== null);
  if (good.length === 0 && objects.length === 0) return null;
  const rows = objects.map((object, index): Row => {
    const number = index + 1;
    if (object === null) return { number, malformed: true };
    return { number, cell: (column) => jsonCell(valuesAt(object, column)[0]) };
  });
  // If every row is malformed, the keys are unknown.
  if (good.length === 0) return { rows, count: () => 1 };
  return {
    rows,
    count: (column) => Math.max(...good.map((object) => valuesAt(object, column).length)),
  };
}

/** Reads an object into rows, or returns the reason why it cannot be read at all. */
export function readTable(
  object: OracleObject,
  source: Source,
  maxInflation: number,
): Table | ObjectReason {
  const kind = kindOf(object.key, source.format.type);
  const content = contentOf(object.key, object.bytes, maxInflation);
  const text = content && decodeText(content, source.format.encoding);
  if (content === null || text === null) return 'file_unreadable';
  const digest = sha256(content);
  const columns = kind === 'json' ? jsonColumns(text) : csvColumns(text, source.format.delimiter);
  if (columns === 'unreadable') return 'file_unreadable';
  if (columns === null) return { digest, rows: [], lacksCurrency: false };
  const has = (column: string): boolean => columns.count(column) > 0;
  const rules = requiredFields(source, kind ?? 'csv').map((field) => source.fields[field]);
  const isComplete = rules.every(
    (rule) => rule === undefined || isServed(rule, kind ?? 'csv', has),
  );
  const isTwice = mappedColumns(source).some((column) => columns.count(column) > 1);
  const currency = source.fields.currency;
  const lacksCurrency = currency === undefined || !isServed(currency, kind ?? 'csv', has);
  const isServedByDefault =
    !lacksCurrency || source.defaultCurrency !== undefined || kind === 'json';
  if (!isComplete || isTwice || !isServedByDefault) return 'schema_mismatch';
  return { digest, rows: columns.rows, lacksCurrency };
}

import { parseSync, Visitor } from 'oxc-parser';

import type { Violation } from './arrow.ts';

/**
 * The files that may write SQL which names files: they take paths from `lake/files/plain-paths.ts`
 * alone.
 */
const DOORS = new Set(['src/engines/duckdb/files.ts', 'src/catalog/view-files.ts']);

/** SQL by which DuckDB opens files: a path in it is a pattern to DuckDB. */
const OPENS: [RegExp, string][] = [
  [
    /\b(?:read_(?:csv|parquet|json|ndjson|text|blob)\w*|parquet_(?:scan|metadata|schema|file_metadata|kv_metadata)|sniff_csv|csv_scan|glob)\s*\(/i,
    'opens files by a pattern',
  ],
  [/\bcopy\s*\((?![^]*\bto stdout\b)/i, 'writes files by COPY'],
  [
    /\b(?:from|join)\s+'(?:[^']*[/.][^']*)?$|\b(?:from|join)\s+'[^']*[/.][^']*'/i,
    'reads a file by its name',
  ],
  [/^\s*(?:attach|import database|export database)\b/i, 'opens a database'],
];

type Span = { start: number; value: string };

/**
 * Texts of SQL outside the doors that name files. Comments are no SQL; a template's holes may hold
 * anything.
 */
export function fileDoorViolations(path: string, text: string): Violation[] {
  if (DOORS.has(path)) return [];
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const texts: Span[] = [];
  new Visitor({
    Literal: ({ value, start }) => {
      if (typeof value === 'string') texts.push({ start, value });
    },
    TemplateLiteral: ({ quasis, start }) => {
      // A hole may hold a path.
      texts.push({ start, value: quasis.map(({ value }) => value.cooked ?? value.raw).join('/') });
    },
  }).visit(program);
  return texts.flatMap(({ start, value }) =>
    OPENS.filter(([pattern]) => pattern.test(value)).map(([, fault]) => ({
      at: `${path}:${text.slice(0, start).split('\n').length}`,
      fault: `${fault}: its path must come through ${[...DOORS].join(' or ')}`,
    })),
  );
}

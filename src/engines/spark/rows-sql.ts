import { sourceColumns } from '../../medallion/columns.ts';
import type { Source } from '../../medallion/source.ts';

/**
 * What the host hands on of an object: a slice of whole lines with how to split them, or rows that
 * it has split (quoted CSV, JSON).
 */
export type ChunkKind = 'lines' | 'rows';

export const FACTS = 'object_key, object_modified, content_sha256, ingestion_day';
/** How a chunk's lines are split, and which row its first is. */
export const LAYOUT = 'first_row, positions, delimiter, columns';

/**
 * The rows of the view `chunks` as the rules take them. A chunk's rows are numbered from its own
 * first one, so no window over all rows is needed.
 */
export function chunkRows(source: Source, kind: ChunkKind): string {
  if (kind === 'lines')
    return lineRows(
      source,
      `select ${FACTS}, ${LAYOUT}, posexplode(lines) as (nth, raw) from (${linesOfChunks()})`,
    );
  const values = sourceColumns(source).map((_, index) => `get(r.fields, ${index}) as s${index}`);
  return `select ${[FACTS, 'first_row + nth as row_number', 'r.malformed', 'r.raw', ...values].join(', ')}
from (select ${FACTS}, first_row, posexplode(records) as (nth, r) from chunks)`;
}

/**
 * Each chunk's lines, those of blanks left out. Most begin with a character that is none, which is
 * told without a regular expression.
 */
export const linesOfChunks = (): string =>
  `select ${FACTS}, ${LAYOUT},
  filter(split(text, line_end, -1), line -> line >= '!' or not regexp_like(line, '\\A[ \\t]*\\z')) as lines
from chunks`;

/**
 * Lines are split here, since the JVM does that ten times as fast as Python; a delimiter behind a
 * backslash is split at without a regular expression.
 */
const split = (lines: string): string =>
  `select *, split(raw, concat(chr(92), delimiter), -1) as f from (${lines})`;

/** Rows of `lines` (the facts, the layout, nth and raw), with more of its columns beside. */
export function lineRows(source: Source, lines: string, more: readonly string[] = []): string {
  const values = sourceColumns(source).map(
    (_, index) =>
      `case when size(f) = columns then get(f, get(positions, ${index})) end as s${index}`,
  );
  return `select ${[FACTS, ...more, 'first_row + nth as row_number', 'coalesce(size(f) <> columns, false) as malformed', 'raw', ...values].join(', ')}
from (${split(lines)})`;
}

/** The same of lines that are known to have as many fields as the header. */
export function wellFormedRows(source: Source, lines: string, more: readonly string[]): string {
  const values = sourceColumns(source).map(
    (_, index) => `get(f, get(positions, ${index})) as s${index}`,
  );
  return `select ${[FACTS, ...more, 'first_row + nth as row_number', ...values].join(', ')}
from (${split(lines)})`;
}

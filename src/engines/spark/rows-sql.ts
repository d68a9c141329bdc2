import { sourceColumns } from '../../medallion/columns.ts';
import type { Source } from '../../medallion/source.ts';

/**
 * How the host passes an object on: a slice of whole lines with the way to split them, or rows that
 * it has split (quoted CSV, JSON).
 */
export type ChunkKind = 'lines' | 'rows';

export const FACTS = 'object_key, object_modified, content_sha256, ingestion_day';
/** How a chunk's lines are split, and the number of its first row. */
export const LAYOUT = 'first_row, positions, delimiter, columns';

/**
 * The rows of the view `chunks` as the rules read them. A chunk's rows are numbered from its own
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
 * Each chunk's lines without the blank ones. Most lines begin with a character that is not blank,
 * which is tested without a regular expression.
 */
export const linesOfChunks = (): string =>
  `select ${FACTS}, ${LAYOUT},
  filter(split(text, line_end, -1), line -> line >= '!' or not regexp_like(line, '\\A[ \\t]*\\z')) as lines
from chunks`;

/**
 * Splits lines in Spark, since the JVM does it ten times as fast as Python; a delimiter after a
 * backslash is split at without a regular expression.
 */
const split = (lines: string): string =>
  `select *, split(raw, concat(chr(92), delimiter), -1) as f from (${lines})`;

/** The rows of `lines` (the facts, the layout, nth and raw), with more of its columns. */
export function lineRows(source: Source, lines: string, more: readonly string[] = []): string {
  const values = sourceColumns(source).map(
    (_, index) =>
      `case when size(f) = columns then get(f, get(positions, ${index})) end as s${index}`,
  );
  return `select ${[FACTS, ...more, 'first_row + nth as row_number', 'coalesce(size(f) <> columns, false) as malformed', 'raw', ...values].join(', ')}
from (${split(lines)})`;
}

/** The rows of lines that are known to have as many fields as the header. */
export function wellFormedRows(source: Source, lines: string, more: readonly string[]): string {
  const values = sourceColumns(source).map(
    (_, index) => `get(f, get(positions, ${index})) as s${index}`,
  );
  return `select ${[FACTS, ...more, 'first_row + nth as row_number', ...values].join(', ')}
from (${split(lines)})`;
}

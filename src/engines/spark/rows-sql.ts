import { sourceColumns } from '../../medallion/columns.ts';
import type { Source } from '../../medallion/source.ts';

/** What the host hands on of an object: a slice of whole lines with how to split them, or rows that it has split (quoted CSV, JSON). */
export type ChunkKind = 'lines' | 'rows';

const FACTS = 'object_key, object_modified, content_sha256, ingestion_day';

/**
 * The rows of the view `chunks` as the rules take them. Lines are split here, since the JVM does that ten times as fast as Python; a chunk's
 * rows are numbered from its own first one, so no window over all rows is needed.
 */
export function chunkRows(source: Source, kind: ChunkKind): string {
  const columns = sourceColumns(source);
  if (kind === 'rows') {
    const values = columns.map((_, index) => `get(r.fields, ${index}) as s${index}`);
    return `select ${[FACTS, 'first_row + nth as row_number', 'r.malformed', 'r.raw', ...values].join(', ')}
from (select ${FACTS}, first_row, posexplode(records) as (nth, r) from chunks)`;
  }
  const values = columns.map(
    (_, index) =>
      `case when size(f) = columns then get(f, get(positions, ${index})) end as s${index}`,
  );
  return `select ${[FACTS, 'first_row + nth as row_number', 'size(f) <> columns as malformed', 'raw', ...values].join(', ')}
from (select *, split(raw, concat('\\Q', delimiter, '\\E'), -1) as f
  from (select ${FACTS}, first_row, positions, delimiter, columns,
      posexplode(filter(split(text, line_end, -1), x -> not regexp_like(x, '\\A[ \\t]*\\z'))) as (nth, raw)
    from chunks))`;
}

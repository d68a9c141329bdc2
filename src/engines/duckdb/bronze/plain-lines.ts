import { literal } from '../../../medallion/sql/text.ts';
import { columnsOfFields, plainLines } from './csv-sql.ts';
import { type BatchObject, FACTS, factsOf, loadObjectFacts, type Rows } from './rows.ts';
import type { Session } from '../session.ts';

/** Lines of up to this many bytes are kept in a table; larger batches are read again each time. */
const MATERIALISED_BYTES = 256 << 20;

/**
 * Rows of objects without quotes that share one header. `positions` are the positions of the
 * source's columns in it. The boolean column `is_fast_path` is the condition `fastPath` over `raw`.
 * Only wanted lines are split into fields.
 */
export async function plainRows(
  session: Session,
  objects: readonly (BatchObject & { bytes: number })[],
  csv: { delimiter: string; columns: number },
  positions: readonly (number | undefined)[],
  fastPath: string,
): Promise<Rows> {
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  const read = plainLines(
    session,
    objects.map(({ text }) => text),
  );
  const [only, ...others] = objects;
  const isSingle = only !== undefined && others.length === 0;
  await session.run('drop table if exists kept_lines');
  // The path of a single object is left out: in each row it would take as much memory as the line.
  const marked = `select ${isSingle ? '' : 'path, '}row_number() over () as position, raw, ${fastPath} as is_fast_path from (${read})`;
  const source =
    bytes <= MATERIALISED_BYTES ? await session.table('kept_lines', marked) : `(${marked})`;
  const fields = `case when len(parts) = ${csv.columns} then parts end as f, len(parts) <> ${csv.columns} as malformed`;
  const split = (facts: string, lines: string): string =>
    `select ${facts}, row_number, malformed, raw, is_fast_path, ${columnsOfFields(positions)}
from (select *, ${fields} from (select *, string_split(raw, ${literal(csv.delimiter)}) as parts from (${lines})))`;
  if (isSingle) {
    const lines = `select position as row_number, raw, is_fast_path from ${source}`;
    return {
      all: split(factsOf(only), lines),
      matching: (wanted) =>
        split(factsOf(only), `select l.* from (${lines}) l semi join ${wanted} using (row_number)`),
    };
  }
  const facts = await loadObjectFacts(session, objects);
  const lines = `select ${FACTS}, position - rows_before as row_number, raw, is_fast_path from ${source} l join ${facts} using (path)`;
  return {
    all: split(FACTS, lines),
    matching: (wanted) =>
      split(
        FACTS,
        `select l.* from (${lines}) l semi join ${wanted} using (object_key, row_number)`,
      ),
  };
}

import { literal } from '../../../medallion/sql/text.ts';
import { csvFiles } from '../files.ts';
import type { Session } from '../session.ts';

/**
 * Delimiter that no line contains, because texts with U+0001 go to another reader. With it DuckDB's
 * CSV reader returns whole lines.
 */
const NO_DELIMITER = `chr(1) || chr(2) || chr(3) || chr(4)`;

/** Select list of the columns s0, s1 … from a row's fields `f`; null where the header lacks one. */
export const columnsOfFields = (positions: readonly (number | undefined)[]): string =>
  positions
    .map(
      (position, index) =>
        `${position === undefined ? 'cast(null as varchar)' : `f[${position + 1}]`} as s${index}`,
    )
    .join(', ');

/**
 * Select of the lines of texts without quotes, in file order, without headers and blank lines. Each
 * line is a record. Columns: path, raw.
 */
export function plainLines(session: Session, paths: readonly string[]): string {
  const lines = csvFiles(
    session,
    paths,
    `columns = {raw: 'VARCHAR'}, filename = true, delim = getvariable('no_delimiter'), quote = '', escape = '', comment = '', nullstr = getvariable('no_null'), max_line_size = 2097152, buffer_size = 8388608`,
  );
  return `select filename as path, raw
from ${lines}
where case when raw >= '!' then true else not regexp_matches(raw, '\\A[ \\t]*\\z') end`;
}

/** Statements that set the variables of `plainLines`. */
export const PLAIN_LINES_SETTINGS = [
  `set variable no_delimiter = ${NO_DELIMITER}`,
  `set variable no_null = chr(4) || chr(3) || chr(2) || chr(1)`,
];

/**
 * Select of the rows in a relation of slices (object_no, first_row, text); a slice holds whole
 * records. The second alternative of the tokeniser limits a malformed row to one line (SPEC section
 * 3). Columns: object_no, row_number, raw, malformed, f.
 */
export function tokenised(slices: string, delimiter: string, columns: number): string {
  const d = delimiter === '\t' ? '\\t' : delimiter === '|' ? '\\|' : delimiter;
  const field = `(?:"[^"]*(?:""[^"]*)*"|[^"${d}\\r\\n][^${d}\\r\\n]*)?`;
  const record = `${field}(?:${d}${field}){${columns - 1}}`;
  const lineEnd = '(?:\\r\\n|\\r|\\n|\\z)';
  const value = `case when substr(x, 2, 1) = '"' then replace(substr(x, 3, length(x) - 3), '""', '"') else substr(x, 2) end`;
  return `select object_no, row_number, raw, malformed,
  case when not malformed then list_transform(regexp_extract_all(${literal(delimiter)} || raw, ${literal(`${d}${field}`)}), lambda x: ${value}) end as f
from (
  select object_no, first_row + nth - 1 as row_number, raw, not regexp_matches(raw, ${literal(`\\A${record}\\z`)}) as malformed
  from (
    select object_no, first_row, unnest(records) as raw, generate_subscripts(records, 1) as nth
    from (
      select object_no, first_row, list_filter(list_transform(regexp_extract_all(text, ${literal(`${record}${lineEnd}|[^\\r\\n]*${lineEnd}`)}),
        lambda x: regexp_replace(x, '(?:\\r\\n|\\r|\\n)\\z', '')), lambda x: not regexp_matches(x, '\\A[ \\t]*\\z')) as records
      from ${slices}
    ) split
  ) numbered
) rows`;
}

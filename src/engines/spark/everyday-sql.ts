import {
  cleanedRows,
  quarantineRows,
  validatedRows,
  type RowsContext,
  silverCells,
} from '../../medallion/bronze-to-silver.ts';
import { sourceColumns } from '../../medallion/columns.ts';
import {
  anyCell,
  FAST_PATH_ACCEPTED,
  fastPathCells,
  type FastPathField,
  fastPathFields,
  fastPathRead,
} from '../../medallion/fast-path.ts';
import { SILVER_COLUMNS } from '../../medallion/layers.ts';
import { normaliseName } from '../../medallion/fields/column-names.ts';
import type { FieldName, Source } from '../../medallion/source.ts';
import { literal, NAME_LENGTH } from '../../medallion/sql/text.ts';
import { asciiPattern } from './ascii-pattern.ts';
import { sparkDialect } from './dialect.ts';
import { FACTS, LAYOUT, lineRows, linesOfChunks, wellFormedRows } from './rows-sql.ts';

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * The statements for lines most of which are on the fast path; undefined where a source has none.
 */
export function everydaySql(
  context: RowsContext,
): { silver: string; quarantine: string } | undefined {
  const { source } = context;
  const fields = fastPathFields(source)?.filter(({ column }) => context.present.has(column));
  if (fields === undefined) return undefined;
  const heads = fields.map(({ column }) => normaliseName(column));
  // Two fields of one column: no line of any file is on the fast path.
  if (new Set(heads).size < heads.length) return undefined;
  const columns = new Map(fields.map(({ name, column }) => [name, column]));
  const chunks = `select *, ${[...PATTERNS].map(([name, rewrite]) => `${linePattern(source, fields, rewrite)} as ${name}`).join(',\n  ')}
from (${linesOfChunks()})`;
  return {
    silver: silver(context, chunks, columns),
    quarantine: quarantine(context, chunks, columns),
  };
}

/**
 * Most lines match the first of these patterns, which is the faster; only other lines are matched
 * again.
 */
const PATTERNS = new Map([
  ['everyday_ascii', asciiPattern],
  ['everyday_pattern', (pattern: string) => pattern],
]);

/**
 * The expression over a chunk's layout that returns the pattern of its lines on the fast path; null
 * where it has none.
 */
function linePattern(
  source: Source,
  fields: readonly FastPathField[],
  rewrite: (pattern: string) => string,
): string {
  const columns = sourceColumns(source);
  const at = ({ column }: FastPathField): string => `get(positions, ${columns.indexOf(column)})`;
  const needed = fields.filter(({ mayBeAbsent }) => !mayBeAbsent);
  const conditions = [
    `columns <= ${NAME_LENGTH}`,
    ...needed.map((field) => `${at(field)} is not null`),
  ];
  const { delimiter: declared } = source.format;
  const patterns = (declared === undefined ? DELIMITERS : [declared]).map((delimiter) => {
    const cells = fields.map(
      (field) => `when ${at(field)} then ${literal(rewrite(field.cell(delimiter)))}`,
    );
    const cell = `case column ${cells.join(' ')} else ${literal(anyCell(delimiter))} end`;
    const mark = literal(`\\x{${delimiter.charCodeAt(0).toString(16)}}`);
    return `when ${literal(delimiter)} then concat('\\A', array_join(transform(sequence(0, columns - 1), column -> ${cell}), ${mark}), '\\z')`;
  });
  return `case when ${conditions.join(' and ')} then case delimiter\n  ${patterns.join('\n  ')} end end`;
}

/**
 * True where a line is on the fast path. Unlike `regexp_like`, `regexp_extract` keeps a pattern
 * that is not constant from row to row. Octets need not be counted.
 */
const isOnFastPath = (line: string): string =>
  `octet_length(${line}) <= ${NAME_LENGTH} and (${[...PATTERNS.keys()].map((name) => `regexp_extract(${line}, ${name}, 0) <> ''`).join(' or ')})`;

/**
 * The good rows of one task, and so of one file, though they are cleaned in two ways. Lines on the
 * fast path skip the stages of all rules: a list of them is in one additional row of each chunk,
 * and is expanded after the last stage.
 */
function silver(
  context: RowsContext,
  chunks: string,
  columns: ReadonlyMap<FieldName, string>,
): string {
  const { source } = context;
  const parted = `select ${FACTS}, ${LAYOUT}, lines,
  transform(lines, line -> case when ${isOnFastPath('line')} then line end) as everyday
from (${chunks})`;
  const rows = `select ${FACTS}, ${LAYOUT}, nth, raw, everyday
from (select ${FACTS}, ${LAYOUT}, inline(concat(
    filter(transform(lines, (line, nth) -> case when get(everyday, nth) is null then named_struct('nth', nth, 'raw', line, 'everyday', cast(null as array<string>)) end), other -> other is not null),
    array(named_struct('nth', -1, 'raw', cast(null as string), 'everyday', everyday)))) from (${parted}))`;
  const cleaned = cleanedRows(
    sparkDialect,
    context,
    `(${lineRows(source, rows, [LAYOUT, 'everyday'])}) r`,
  );
  const cells = SILVER_COLUMNS.map(
    ([name, type]) => `'${name}', cast(${silverCells(source)[name] ?? name} as ${type})`,
  );
  const whole = `select ${FACTS}, ${LAYOUT}, everyday, raw is not null as is_whole, named_struct(${cells.join(', ')}) as whole
from (${cleaned}) c where raw is null or row_reasons = ''`;
  const lines = `select * from (select ${FACTS}, ${LAYOUT}, is_whole, whole, posexplode_outer(everyday) as (nth, raw) from (${whole})) where is_whole or raw is not null`;
  const read = fastPathRead(
    sparkDialect,
    context,
    columns,
    wellFormedRows(source, lines, ['is_whole', 'whole']),
  );
  const short = fastPathCells(source);
  const either = SILVER_COLUMNS.map(
    ([name, type]) =>
      `case when is_whole then whole.${name} else cast(${short[name] ?? name} as ${type}) end as ${name}`,
  );
  return `select ${either.join(', ')}\nfrom (${read}) e where is_whole or (${FAST_PATH_ACCEPTED})`;
}

/**
 * The rejected rows: all rules are applied to every line except those on the fast path that are
 * known to be good.
 */
function quarantine(
  context: RowsContext,
  chunks: string,
  columns: ReadonlyMap<FieldName, string>,
): string {
  const { source } = context;
  const line = `${LAYOUT}, nth, raw`;
  // Decided in the list: with a row for each line every stage would copy the patterns.
  const lines = `select ${FACTS}, ${LAYOUT},
  inline(transform(lines, (line, nth) -> named_struct('nth', nth, 'raw', line, 'is_everyday', coalesce(${isOnFastPath('line')}, false))))
from (${chunks})`;
  const read = fastPathRead(
    sparkDialect,
    context,
    columns,
    wellFormedRows(source, lines, ['is_everyday', line]),
  );
  const left = `select ${FACTS}, ${line} from (${read}) e where not is_everyday or not coalesce(${FAST_PATH_ACCEPTED}, false)`;
  const rows = `(${lineRows(source, left)}) r`;
  const validated = validatedRows(source, cleanedRows(sparkDialect, context, rows), []);
  return quarantineRows(sparkDialect, context, validated, rows);
}

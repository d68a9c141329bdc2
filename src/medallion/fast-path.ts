import { PRESENCE_COLUMNS } from './bronze-to-silver.ts';
import { sourceColumns } from './columns.ts';
import type { CellPattern, FieldFastPath } from './fields/field.ts';
import { FIELDS } from './fields/fields.ts';
import { selectList, SILVER_COLUMNS } from './layers.ts';
import { dateInRange, withRates } from './rates.ts';
import { arrivalDay, type RowsContext } from './rows-context.ts';
import type { FieldName, FieldRule, Source } from './source.ts';
import type { Dialect } from './sql/dialect.ts';
import { addStages } from './sql/stages.ts';
import { literal, NAME_LENGTH } from './sql/text.ts';

/** The layout of a line: the position in the header of each of the source's columns. */
export type LineLayout = {
  delimiter: string;
  columns: number;
  positions: ReadonlyMap<string, number>;
};

/**
 * The fast path of files of one layout: `pattern` is a regular expression over the whole line,
 * `columns` the column of each field.
 */
export type FastPath = { pattern: string; columns: ReadonlyMap<FieldName, string> };

const LETTERS =
  '\\x{c0}-\\x{24f}\\x{370}-\\x{52f}\\x{3041}-\\x{30ff}\\x{4e00}-\\x{9fff}\\x{ac00}-\\x{d7a3}';

/** The fast path of each field of the mapping that has one, with the pattern of its cells. */
const RULES: ReadonlyMap<FieldName, { rule: FieldFastPath; pattern: CellPattern }> = new Map(
  FIELDS.flatMap(({ fastPath: rule }) =>
    Object.entries(rule.patterns).map(([name, pattern]) => [name as FieldName, { rule, pattern }]),
  ),
);

/**
 * A field of a source that has a fast path: its column, the pattern of its cells, and whether a
 * file may lack it.
 */
export type FastPathField = {
  name: FieldName;
  column: string;
  mayBeAbsent: boolean;
  cell(delimiter: string): string;
};

/**
 * Most lines of most files hold every value in its commonest form: an ISO date, an amount with a
 * point, an address without unusual characters. One match shows that nothing in such a line needs
 * trimming or cleaning, and its cells are cast as they are, for a third of the cost of all rules.
 * Undefined for sources that do more than read columns.
 */
export function fastPathFields(source: Source): FastPathField[] | undefined {
  const { decimal, thousands } = source.format;
  if (source.rows !== 'purchases' || decimal !== '.' || thousands === '.') return undefined;
  const fields: FastPathField[] = [];
  for (const [name, rule] of Object.entries(source.fields) as [FieldName, FieldRule][]) {
    const fast = RULES.get(name);
    if (fast === undefined || rule.kind !== 'column') return undefined;
    fields.push({
      name,
      column: rule.column,
      mayBeAbsent: fast.rule.mayBeAbsent?.(source) ?? false,
      cell: (delimiter) => fast.pattern(wordWithout(delimiter)),
    });
  }
  return fields;
}

/**
 * The fast path of files of one layout with amounts in one of the `currencies`; undefined where
 * they have none.
 */
export function fastPathOf(
  source: Source,
  layout: LineLayout,
  currencies: readonly string[],
): FastPath | undefined {
  const fields = layout.columns > NAME_LENGTH ? undefined : fastPathFields(source);
  if (fields === undefined) return undefined;
  const columns = new Map<FieldName, string>();
  const parts = Array.from({ length: layout.columns }, () => anyCell(layout.delimiter));
  const taken = new Set<number>();
  for (const field of fields) {
    const { name, column } = field;
    const rated = RULES.get(name)?.rule.withRates?.(source, currencies);
    const position = layout.positions.get(column);
    if (position === undefined && (rated ?? field).mayBeAbsent) continue;
    if (position === undefined || taken.has(position)) return undefined;
    taken.add(position);
    columns.set(name, column);
    parts[position] = rated?.cell ?? field.cell(layout.delimiter);
  }
  return { pattern: `\\A${parts.join(escaped(layout.delimiter))}\\z`, columns };
}

/** A cell that no field reads. */
export const anyCell = (delimiter: string): string => `[^${escaped(delimiter)}]*`;

/**
 * True where the line of a row is on the fast path. Bits are known of a text; its characters would
 * have to be counted.
 */
export const isFastPathLine = ({ pattern }: FastPath): string =>
  `bit_length(raw) <= ${8 * NAME_LENGTH} and regexp_like(raw, ${literal(pattern)})`;

/**
 * The silver rows among the `rows` on the fast path, each value as all rules would produce it. A
 * row that is rejected after all (no real date, no rate) is left out, as any rejected row is.
 */
export function fastPathSilver(
  dialect: Dialect,
  context: RowsContext,
  { columns }: FastPath,
  rows: string,
): string {
  const read = fastPathRead(dialect, context, columns, rows);
  return `select ${selectList(SILVER_COLUMNS, fastPathCells(context.source))} from (${read}) e
where ${FAST_PATH_ACCEPTED}`;
}

const CELLS: Readonly<Record<string, string>> = Object.assign(
  {},
  ...FIELDS.map(({ fastPath }) => fastPath.cells),
);

/** Expressions of silver's columns, where `fastPathRead` has no column of that name. */
export const fastPathCells = (source: Source): Readonly<Record<string, string>> => ({
  ...PRESENCE_COLUMNS,
  ...CELLS,
  source: literal(source.name),
  lines: '1',
  repairs: `''`,
});

/** True of a row of `fastPathRead` that is good; false or null of any other. */
export const FAST_PATH_ACCEPTED = FIELDS.flatMap(({ fastPath }) => fastPath.accepted ?? []).join(
  ' and ',
);

/**
 * The `rows` on the fast path with the values of their cells added. `columns` are those that the
 * fields read.
 */
export function fastPathRead(
  dialect: Dialect,
  context: RowsContext,
  columns: ReadonlyMap<FieldName, string>,
  rows: string,
): string {
  const { source } = context;
  const columnsRead = sourceColumns(source);
  const text = (field: FieldName): string | undefined => {
    const column = columns.get(field);
    return column === undefined ? undefined : `s${columnsRead.indexOf(column)}`;
  };
  const textOrNull = (field: FieldName): string => {
    const column = text(field);
    return column === undefined ? 'cast(null as string)' : `nullif(${column}, '')`;
  };
  const rules = FIELDS.map(({ fastPath }) => fastPath);
  const cleaned = addStages(`select * from (${rows}) r`, [
    rules.flatMap((rule) => rule.columns?.({ source, text, textOrNull }) ?? []),
    ...rules.flatMap((rule) => rule.own?.(dialect, context) ?? []),
    dateInRange(arrivalDay(context)),
  ]);
  return addStages(
    withRates(cleaned),
    rules.flatMap((rule) => rule.rated?.(dialect) ?? []),
  );
}

/**
 * Words of printable characters, separated by one blank, without characters that can end a field.
 */
function wordWithout(delimiter: string): string {
  const code = delimiter.charCodeAt(0);
  const ranges = [
    [0x21, 0x21],
    [0x23, 0x5b],
    [0x5d, 0x7e],
  ].flatMap(([from = 0, to = 0]) =>
    code < from || code > to
      ? [[from, to]]
      : [
          [from, code - 1],
          [code + 1, to],
        ].filter(([low = 0, high = 0]) => low <= high),
  );
  const hex = (value = 0): string => `\\x{${value.toString(16)}}`;
  const characters = `${ranges.map(([low, high]) => `${hex(low)}-${hex(high)}`).join('')}${LETTERS}`;
  return `[${characters}]+(?: [${characters}]+)*`;
}

const escaped = (delimiter: string): string => `\\x{${delimiter.charCodeAt(0).toString(16)}}`;

import { arrivalDay, PRESENCE_COLUMNS, type RowsContext } from './bronze-to-silver.ts';
import { sourceColumns } from './columns.ts';
import type { Dialect } from './sql/dialect.ts';
import { selectList, SILVER_COLUMNS } from './layers.ts';
import { dateInRange, withRates } from './rates.ts';
import { AUD_LIMIT } from './refusals.ts';
import type { FieldName, FieldRule, Source } from './source.ts';
import { addStages, type Stage } from './sql/stages.ts';
import { literal, NAME_LENGTH } from './sql/text.ts';
import { updatedAtStages } from './fields/updated-at.ts';

/** Where a line's fields stand: for each of the source's columns its position in the header. */
export type LineLayout = {
  delimiter: string;
  columns: number;
  positions: ReadonlyMap<string, number>;
};

/** How everyday lines are told and read; `pattern` is a regular expression over the whole line. */
export type FastPath = { pattern: string; columns: ReadonlyMap<FieldName, string> };

const LETTERS =
  '\\x{c0}-\\x{24f}\\x{370}-\\x{52f}\\x{3041}-\\x{30ff}\\x{4e00}-\\x{9fff}\\x{ac00}-\\x{d7a3}';
const EMAIL = '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+';
/** Days that every year has: a line with another is refused for it, unless it is 29 February. */
const DATE =
  '[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)';
const PATTERNS: Partial<Record<FieldName, (word: string) => string>> = {
  customer_id: () => '[1-9][0-9]{0,8}',
  first_name: (word) => `(?:${word})?`,
  last_name: (word) => `(?:${word})?`,
  full_name: (word) => `(?:${word})?`,
  email: () => `(?:${EMAIL})?`,
  purchase_id: (word) => word,
  purchase_date: () => DATE,
  amount: () => '-?[0-9]{1,9}(?:\\.[0-9]{1,4})?',
  currency: () => '[A-Z]{3}',
  updated_at: (word) => `(?:${word})?`,
};

/**
 * A field of a source whose lines may be everyday ones: the column that it is, how its everyday
 * cells look, and whether a file may lack it.
 */
export type FastPathField = {
  name: FieldName;
  column: string;
  mayBeAbsent: boolean;
  cell(delimiter: string): string;
};

/**
 * Most lines of most files hold every value in its commonest form: an ISO date, an amount with a
 * point, an address without odd characters. One look at such a line tells that there is nothing to
 * trim, mend or guess in it, and its cells are cast as they stand, for a third of what all rules
 * cost. Undefined for sources that do more than read columns.
 */
export function fastPathFields(source: Source): FastPathField[] | undefined {
  const { decimal, thousands } = source.format;
  if (source.rows !== 'purchases' || decimal !== '.' || thousands === '.') return undefined;
  const fields: FastPathField[] = [];
  for (const [name, rule] of Object.entries(source.fields) as [FieldName, FieldRule][]) {
    const pattern = PATTERNS[name];
    if (pattern === undefined || rule.kind !== 'column') return undefined;
    fields.push({
      name,
      column: rule.column,
      mayBeAbsent: mayBeAbsent(name, source),
      cell: (delimiter) => pattern(wordWithout(delimiter)),
    });
  }
  return fields;
}

/**
 * The everyday lines of files of one layout, amounts in one of the `currencies`; undefined where it
 * has none.
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
  for (const { name, column, mayBeAbsent: optional, cell } of fields) {
    const position = layout.positions.get(column);
    if (
      position === undefined &&
      name === 'currency' &&
      !currencies.includes(source.defaultCurrency ?? '')
    )
      return undefined;
    if (position === undefined && optional) continue;
    if (position === undefined || taken.has(position)) return undefined;
    taken.add(position);
    columns.set(name, column);
    // Another currency, well written or not, has no rate: its line is refused.
    parts[position] = name === 'currency' ? anyOf(currencies) : cell(layout.delimiter);
  }
  return { pattern: `\\A${parts.join(escaped(layout.delimiter))}\\z`, columns };
}

const anyOf = (currencies: readonly string[]): string =>
  `(?:${currencies.filter((currency) => /^[A-Z]{3}$/.test(currency)).join('|')})`;

/** A cell that no field reads. */
export const anyCell = (delimiter: string): string => `[^${escaped(delimiter)}]*`;

const mayBeAbsent = (field: FieldName, { defaultCurrency }: Source): boolean =>
  field === 'currency'
    ? /^[A-Z]{3}$/.test(defaultCurrency ?? '')
    : field === 'email' || field.endsWith('_name');

/**
 * Whether the line of a row is an everyday one. Bits are known of a text, its characters would have
 * to be counted.
 */
export const isFastPathLine = ({ pattern }: FastPath): string =>
  `bit_length(raw) <= ${8 * NAME_LENGTH} and regexp_like(raw, ${literal(pattern)})`;

/**
 * The silver rows among everyday `rows`, each cell what all rules make of it. A row that is refused
 * after all (a date that is none, no rate) is left out, as any refused row is.
 */
export function fastPathSilver(
  dialect: Dialect,
  context: RowsContext,
  { columns }: FastPath,
  rows: string,
): string {
  const read = fastPathRead(dialect, context, columns, rows);
  return `select ${selectList(SILVER_COLUMNS, fastPathCells(context.source))} from (${read}) e
where ${EVERYDAY_GOOD}`;
}

/** What silver's columns are made of, where `everydayRead` has another name for it. */
export const fastPathCells = (source: Source): Readonly<Record<string, string>> => ({
  ...PRESENCE_COLUMNS,
  source: literal(source.name),
  purchase_id: 'v_purchase_id',
  purchase_date: 'date_in_range',
  customer_key: 'null',
  deletes: 'false',
  lines: '1',
  repairs: `''`,
});

/**
 * Whether a row of `everydayRead` is good; where it is not so, it may also be null. Without a date
 * there is no rate and so no amount: to ask for the date as well has DuckDB cast it once more.
 */
export const EVERYDAY_GOOD = `abs(amount_aud) < ${AUD_LIMIT} and (v_updated_at is null or updated_number is not null or updated_micros is not null)`;

/**
 * Everyday `rows`, and beside what they had the values of their cells. `columns` are those that the
 * fields are read from.
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
  const orNull = (field: FieldName): string => {
    const column = text(field);
    return column === undefined ? 'cast(null as string)' : `nullif(${column}, '')`;
  };
  const read: Stage = [
    // An engine may compute these before it has left other rows out.
    ['customer_id', `try_cast(${text('customer_id')} as int)`],
    ['first_name', orNull('first_name')],
    ['last_name', orNull('last_name')],
    ['full_name', orNull('full_name')],
    ['email', `lower(${orNull('email')})`],
    ['v_purchase_id', text('purchase_id') ?? OWN_ID],
    ['purchase_date', `try_cast(${text('purchase_date')} as date)`],
    ['amount', `try_cast(${text('amount')} as decimal(18,4))`],
    ['currency', text('currency') ?? literal(source.defaultCurrency ?? '')],
    ['v_updated_at', orNull('updated_at')],
  ];
  const cleaned = addStages(`select * from (${rows}) r`, [
    read,
    ...updatedAtStages(dialect, context),
    dateInRange(arrivalDay(context)),
  ]);
  return addStages(withRates(cleaned), [
    [['amount_aud', dialect.converted('amount', 'rate', 'millionths', 'rest')]],
  ]);
}

/** The id of a purchase whose source has none (see `cleanedRows`). */
const OWN_ID = `concat(content_sha256, ':', cast(row_number as string))`;

/** Words of printable characters, one blank between two, none of which can end a field. */
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

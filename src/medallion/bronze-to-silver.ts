import { amountParts, amountStages, LINE_AMOUNT, PURCHASE_AMOUNT } from './fields/amount.ts';
import { hasColumnsOf, sourceColumns } from './columns.ts';
import {
  canonicalDate,
  dateOfSeconds,
  localSeconds,
  offsetOfInstant,
  offsetOfLocal,
  writtenOffset,
} from './sql/dates.ts';
import type { Dialect } from './sql/dialect.ts';
import { names, selectList, QUARANTINE_COLUMNS, SILVER_COLUMNS } from './layers.ts';
import { wholeNumber } from './sql/numbers.ts';
import { dateInRange, withRates } from './rates.ts';
import { reasonsStages, withWholeObjects } from './refusals.ts';
import type { FieldName, FieldRule, Source } from './source.ts';
import { addStages, type Stage } from './sql/stages.ts';
import { updatedAtStages } from './fields/updated-at.ts';
import { cleanedEmail, cleanedName, isPlainRow, literal, lowered, trimmed } from './sql/text.ts';

/**
 * What the rules need to know of the rows that they are applied to, all of one source, one header
 * and, unless said, one arrival day.
 */
export type RowsContext = {
  source: Source;
  timeZone: string;
  /** YYYY-MM-DD; the newest where the rows are of several days. */
  ingestionDate: string;
  /**
   * Rows of several days are read together: each has its own as the DATE column `ingestion_day`.
   */
  eachDay?: boolean;
  /** The source's columns that the objects have. */
  present: ReadonlySet<string>;
};

const NULL_TEXT = 'cast(null as string)';
const FIELDS: readonly FieldName[] = [
  'customer_id',
  'customer_key',
  'first_name',
  'last_name',
  'full_name',
  'email',
  'purchase_id',
  'purchase_date',
  'currency',
  'updated_at',
  'operation',
];

/**
 * The rules of bronze to silver as one select over `rows` (object_key, object_modified,
 * content_sha256, row_number, malformed, raw and the source's columns s0, s1 …) and `rates_by_day`:
 * one row a purchase version or refused row or purchase, with `row_reasons` empty where it is good.
 */
export function cleanedRows(dialect: Dialect, context: RowsContext, rows: string): string {
  const { source } = context;
  const read = addStages(
    `select *, ${valueColumns(dialect, context)} from ${withPlain(rows)}`,
    amountStages(source),
  );
  const purchases =
    source.rows === 'lines'
      ? joinedLines(read, context.eachDay === true)
      : addStages(read, [...PURCHASE_AMOUNT, [['lines', 'cast(1 as bigint)']]]);
  const cleaned = addStages(purchases, [
    ...fieldStages(dialect, source),
    ...dateStages(dialect, context),
    ...updatedAtStages(dialect, context),
  ]);
  const rated = withRates(addStages(cleaned, [dateInRange(arrivalDay(context))]));
  return addStages(rated, reasonsStages(dialect, source));
}

/** The day on which a row arrived, as SQL. */
export const arrivalDay = ({ ingestionDate, eachDay }: RowsContext): string =>
  eachDay === true ? 'ingestion_day' : `date '${ingestionDate}'`;

const withPlain = (rows: string): string =>
  `(select *, ${isPlainRow('raw')} as plain from ${rows}) p`;

/** The trimmed text of every field, and of the parts of the amount, from the source's columns. */
function valueColumns(dialect: Dialect, { source, present }: RowsContext): string {
  const columns = sourceColumns(source);
  const column = (name: string): string =>
    present.has(name) ? trimmed(dialect, `s${columns.indexOf(name)}`, 'plain') : NULL_TEXT;
  const fields = FIELDS.map(
    (field) => `${fieldText(field, source, present, column)} as v_${field}`,
  );
  const { added, minus } = amountParts(source.fields.amount);
  const parts = [...added, ...minus].map((part, index) => `${ruleText(part, column)} as a${index}`);
  return [...fields, ...parts].join(',\n  ');
}

function fieldText(
  field: FieldName,
  source: Source,
  present: ReadonlySet<string>,
  column: (name: string) => string,
): string {
  const rule = source.fields[field];
  if (
    field === 'currency' &&
    source.defaultCurrency !== undefined &&
    (rule === undefined || !hasColumnsOf(rule, (name) => present.has(name)))
  )
    return literal(source.defaultCurrency);
  if (field === 'purchase_id' && rule === undefined)
    return `concat(content_sha256, ':', cast(row_number as string))`;
  return rule === undefined ? NULL_TEXT : ruleText(rule, column);
}

function ruleText(rule: FieldRule, column: (name: string) => string): string {
  switch (rule.kind) {
    case 'column':
      return column(rule.column);
    case 'constant':
      return `nullif(${literal(rule.value.trim())}, '')`;
    case 'coalesce':
      return `coalesce(${rule.columns.map(column).join(', ')})`;
    case 'concat':
      return `nullif(concat_ws(${literal(rule.separator)}, ${rule.columns.map(column).join(', ')}), '')`;
    case 'product':
    case 'sum':
      throw new Error(`a ${rule.kind} makes amounts only`);
  }
}

/**
 * The lines of one object that share a purchase_id, joined to one purchase; a malformed line or one
 * without an id stands alone.
 */
function joinedLines(read: string, eachDay: boolean): string {
  const first = FIELDS.filter((field) => field !== 'purchase_id').map(
    (field) => `min_by(v_${field}, row_number) filter (where v_${field} is not null) as v_${field}`,
  );
  const grouped = `select object_key, object_modified, malformed, alone, v_purchase_id,
  min(row_number) as row_number, count(*) as lines, ${NULL_TEXT} as raw,${eachDay ? ' min(ingestion_day) as ingestion_day,' : ''}
  ${first.join(',\n  ')},
  bool_and(a_blank) or bool_or(a_missing and not a_blank) as a_missing, bool_or(a_invalid) as a_invalid, bool_or(line_range) as lines_range,
  try_cast(round(sum(line_amount), 4) as decimal(18,4)) as amount_read
from (${addStages(read, [...LINE_AMOUNT, [['alone', 'case when malformed or v_purchase_id is null then row_number end']]])})
group by object_key, object_modified, malformed, alone, v_purchase_id`;
  return addStages(grouped, [
    [['a_range', 'lines_range or (amount_read is null and not a_missing and not a_invalid)']],
  ]);
}

/** Every field but the dates, cleaned; null where it is missing or unreadable. */
function fieldStages(dialect: Dialect, source: Source): Stage[] {
  const isDelete = `${lowered('v_operation')} in (${source.deletes.map(literal).join(', ')})`;
  // A value of a plain row is clean as it is; one put together from several columns or rows need
  // not be.
  const name = (field: 'first_name' | 'last_name' | 'full_name'): string =>
    source.rows === 'purchases' && source.fields[field]?.kind === 'column'
      ? `case when plain then v_${field} else ${cleanedName(dialect, `v_${field}`)} end`
      : cleanedName(dialect, `v_${field}`);
  return [
    [
      [
        'customer_id',
        source.fields.customer_key === undefined
          ? wholeNumber('v_customer_id')
          : 'cast(null as int)',
      ],
      ['key_lower', lowered('v_customer_key')],
      ['email_lower', lowered('v_email')],
      ['first_name', name('first_name')],
      ['last_name', name('last_name')],
      ['full_name', name('full_name')],
      [
        'currency',
        `case when regexp_like(v_currency, '\\A[A-Za-z]{3}\\z') then upper(v_currency) end`,
      ],
      ['deletes', source.deletes.length === 0 ? 'false' : `coalesce(${isDelete}, false)`],
      ['date_text', canonicalDate('v_purchase_date', source.dateFormats)],
    ],
    [
      ['customer_key', `case when length(key_lower) <= 255 then key_lower end`],
      ['email', cleanedEmail('email_lower')],
    ],
  ];
}

/** Timestamps turned into the business zone's date. */
function dateStages(dialect: Dialect, { source, timeZone, ingestionDate }: RowsContext): Stage[] {
  const zone = source.timeZone ?? timeZone;
  // Later dates are refused, whatever the zone does by then: leaving its later changes out shortens
  // the SQL, whose planning is what small files cost.
  const until = Date.parse(ingestionDate) / 1000 + 4 * 86_400;
  const stamped = (text: string, expression: string): string =>
    `case when length(${text}) = 19 then ${expression} end`;
  const toUtc = (local: string, offset: string): string =>
    `${local} - coalesce(${offset}, ${offsetOfLocal(zone, local, until)})`;
  return [
    [
      ['date_local', stamped('date_text', localSeconds(dialect, 'date_text'))],
      ['date_offset', stamped('date_text', writtenOffset('v_purchase_date'))],
    ],
    [
      [
        'date_utc',
        zone === timeZone
          ? 'case when date_offset is not null then date_local - date_offset end'
          : `case when date_local is not null then ${toUtc('date_local', 'date_offset')} end`,
      ],
    ],
    [
      [
        'purchase_date',
        `case when date_utc is null then try_cast(case when length(date_text) = 10 then date_text else substr(date_text, 1, 10) end as date) else ${dateOfSeconds(`(date_utc + ${offsetOfInstant(timeZone, 'date_utc', until)})`)} end`,
      ],
    ],
  ];
}

/**
 * Cleaned rows with just what silver and quarantine take of them, and their `reasons`; the objects
 * that are named refuse too many of their rows.
 */
export function validatedRows(
  source: Source,
  cleaned: string,
  refusedWhole: readonly string[],
): string {
  const own = source.rows === 'lines' ? ['alone'] : [];
  const kept = [...KEPT, ...own].join(', ');
  return `select ${kept}, ${withWholeObjects(refusedWhole)} as reasons from (${cleaned}) c`;
}

/** Whether a purchase gives its customer a name and an address, from the columns beside. */
export const PRESENCE_COLUMNS: Readonly<Record<string, string>> = {
  has_name: 'coalesce(full_name, first_name, last_name) is not null',
  has_email: 'email is not null',
};

const KEPT = [
  ...new Set([
    ...[...names(SILVER_COLUMNS), ...names(QUARANTINE_COLUMNS)].filter(
      (name) =>
        !['source', 'purchase_id', 'purchase_date', 'amount', 'reasons'].includes(name) &&
        !(name in PRESENCE_COLUMNS),
    ),
    'v_purchase_id',
    'date_in_range',
    'amount_good',
    'row_reasons',
  ]),
];

/** What silver's columns are made of, where judged rows have another name for it. */
export const silverCells = (source: Source): Readonly<Record<string, string>> => ({
  ...PRESENCE_COLUMNS,
  source: literal(source.name),
  purchase_id: 'v_purchase_id',
  purchase_date: 'date_in_range',
  amount: 'amount_good',
});

/** The silver rows among judged rows. */
export const silverRows = (source: Source, judged: string): string =>
  `select ${selectList(SILVER_COLUMNS, silverCells(source))}
from (${judged}) j where reasons = ''`;

/**
 * The refused rows: each line of a refused purchase under the purchase's reasons. `raw` comes from
 * `rows`.
 */
export function quarantineRows(
  dialect: Dialect,
  context: RowsContext,
  judged: string,
  rows: string,
): string {
  const from = {
    source: literal(context.source.name),
    purchase_id: 'v_purchase_id',
    purchase_date: 'date_in_range',
  };
  if (context.source.rows === 'purchases')
    return `select ${selectList(QUARANTINE_COLUMNS, from)} from (${judged}) j where reasons <> ''`;
  const lines = addStages(`select *, ${valueColumns(dialect, context)} from ${withPlain(rows)}`, [
    [['line_alone', 'case when malformed or v_purchase_id is null then row_number end']],
  ]);
  const columns = selectList(QUARANTINE_COLUMNS, {
    ...from,
    object_key: 'p.object_key',
    row_number: 'l.row_number',
    raw: 'l.raw',
    purchase_id: 'p.v_purchase_id',
  });
  return `select ${columns} from (${judged}) p
join (${lines}) l on l.object_key = p.object_key and l.line_alone is not distinct from p.alone and l.v_purchase_id is not distinct from p.v_purchase_id
where p.reasons <> ''`;
}

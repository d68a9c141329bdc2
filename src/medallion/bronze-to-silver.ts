import { FIELDS, FIELDS_BY_CLEANING } from './fields/fields.ts';
import { names, selectList, QUARANTINE_COLUMNS, SILVER_COLUMNS } from './layers.ts';
import { dateInRange, withRates } from './rates.ts';
import { reasonsStages, withWholeObjects } from './rejections.ts';
import { arrivalDay, type RowsContext } from './rows-context.ts';
import type { Source } from './source.ts';
import type { Dialect } from './sql/dialect.ts';
import { addStages, mergeStages } from './sql/stages.ts';
import { literal } from './sql/text.ts';
import { NULL_TEXT, valueColumns, withPlain } from './values.ts';

export type { RowsContext } from './rows-context.ts';

/**
 * The rules of bronze to silver as one select over `rows` (object_key, object_modified,
 * content_sha256, row_number, malformed, raw and the source's columns s0, s1 …) and
 * `rates_by_day`. It has one row for each purchase version and each rejected row or purchase;
 * `row_reasons` is empty for the good ones.
 */
export function cleanedRows(dialect: Dialect, context: RowsContext, rows: string): string {
  const { source } = context;
  const cleaning = FIELDS_BY_CLEANING.flatMap((field) => field.clean?.(dialect, context) ?? []);
  const read = addStages(
    `select *, ${valueColumns(dialect, context)} from ${withPlain(rows)}`,
    cleaning.flatMap(({ row }) => row ?? []),
  );
  const joins = cleaning.flatMap(({ join }) => join ?? []);
  const purchases =
    source.rows === 'lines'
      ? addStages(
          joinedLines(
            read,
            joins.map(({ columns }) => columns),
            context.eachDay === true,
          ),
          joins.flatMap(({ after }) => after),
        )
      : addStages(read, [[['lines', 'cast(1 as bigint)']]]);
  const cleaned = addStages(purchases, [
    ...mergeStages(cleaning.map(({ shared }) => shared ?? [])),
    ...cleaning.flatMap(({ own }) => own ?? []),
  ]);
  const rated = withRates(addStages(cleaned, [dateInRange(arrivalDay(context))]));
  return addStages(rated, reasonsStages(dialect, source));
}

/** The number of a line that is a purchase of its own: malformed, or without a purchase_id. */
const ALONE = 'case when malformed or v_purchase_id is null then row_number end';

/**
 * Joins the lines of one object that share a purchase_id to one purchase: of each text its first
 * value, and `columns`.
 */
function joinedLines(read: string, columns: readonly string[], eachDay: boolean): string {
  const first = FIELDS.flatMap(({ reads }) => reads)
    .filter((name) => name !== 'purchase_id')
    .map(
      (name) => `min_by(v_${name}, row_number) filter (where v_${name} is not null) as v_${name}`,
    );
  return `select object_key, object_modified, malformed, alone, v_purchase_id,
  min(row_number) as row_number, count(*) as lines, ${NULL_TEXT} as raw,${eachDay ? ' min(ingestion_day) as ingestion_day,' : ''}
  ${[...first, ...columns].join(',\n  ')}
from (${addStages(read, [[['alone', ALONE]]])})
group by object_key, object_modified, malformed, alone, v_purchase_id`;
}

/**
 * Cleaned rows with their `reasons` and only the columns that silver and quarantine read. The
 * `rejectedObjects` are rejected as a whole for their share of rejected rows.
 */
export function validatedRows(
  source: Source,
  cleaned: string,
  rejectedObjects: readonly string[],
): string {
  const own = source.rows === 'lines' ? ['alone'] : [];
  const kept = [...KEPT, ...own].join(', ');
  return `select ${kept}, ${withWholeObjects(rejectedObjects)} as reasons from (${cleaned}) c`;
}

/** Silver columns that show whether a purchase has a field, such as `has_name`. */
export const PRESENCE_COLUMNS: Readonly<Record<string, string>> = Object.assign(
  {},
  ...FIELDS.map(({ presence }) => presence),
);

/** Cleaned columns that have another name in silver, by silver's name. */
const CELLS: Readonly<Record<string, string>> = Object.assign(
  {},
  ...FIELDS.map(({ cells }) => cells),
);

const KEPT = [
  ...new Set([
    ...[...names(SILVER_COLUMNS), ...names(QUARANTINE_COLUMNS)].filter(
      (name) =>
        !['source', 'reasons'].includes(name) && !(name in CELLS) && !(name in PRESENCE_COLUMNS),
    ),
    ...Object.values(CELLS),
    'row_reasons',
  ]),
];

/** Expressions of silver's columns, where validated rows have no column of that name. */
export const silverCells = (source: Source): Readonly<Record<string, string>> => ({
  ...PRESENCE_COLUMNS,
  ...CELLS,
  source: literal(source.name),
});

/** The silver rows among validated rows. */
export const silverRows = (source: Source, validated: string): string =>
  `select ${selectList(SILVER_COLUMNS, silverCells(source))}
from (${validated}) j where reasons = ''`;

/**
 * The rejected rows: each line of a rejected purchase, with the purchase's reasons. `raw` comes
 * from `rows`.
 */
export function quarantineRows(
  dialect: Dialect,
  context: RowsContext,
  validated: string,
  rows: string,
): string {
  const from = { ...CELLS, source: literal(context.source.name) };
  if (context.source.rows === 'purchases')
    return `select ${selectList(QUARANTINE_COLUMNS, from)} from (${validated}) j where reasons <> ''`;
  const lines = addStages(`select *, ${valueColumns(dialect, context)} from ${withPlain(rows)}`, [
    [['line_alone', ALONE]],
  ]);
  const columns = selectList(QUARANTINE_COLUMNS, {
    ...from,
    object_key: 'p.object_key',
    row_number: 'l.row_number',
    raw: 'l.raw',
    purchase_id: 'p.v_purchase_id',
  });
  return `select ${columns} from (${validated}) p
join (${lines}) l on l.object_key = p.object_key and l.line_alone is not distinct from p.alone and l.v_purchase_id is not distinct from p.v_purchase_id
where p.reasons <> ''`;
}

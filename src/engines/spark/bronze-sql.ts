import {
  cleanedRows,
  validatedRows,
  quarantineRows,
  type RowsContext,
  silverRows,
} from '../../medallion/bronze-to-silver.ts';
import {
  amountColumns,
  type Need,
  needOf,
  needs,
  schemaFault,
  sourceColumns,
} from '../../medallion/columns.ts';
import { knownColumns } from '../../medallion/known-columns.ts';
import { normaliseName } from '../../medallion/fields/column-names.ts';
import type { Source, SourceFormat } from '../../medallion/source.ts';
import { literal } from '../../medallion/sql/text.ts';
import { sparkDialect } from './dialect.ts';
import { everydaySql } from './everyday-sql.ts';
import { type ChunkKind, chunkRows } from './rows-sql.ts';

/**
 * The statements over the view `chunks` of one source. Those `OfWhole` are split where the keys of
 * objects that are rejected as a whole are inserted.
 */
export type RowsSql = {
  silver: string;
  quarantine: string;
  silverOfWhole: string[];
  quarantineOfWhole: string[];
  /** Rows read and rejected of each object. */
  shares: string;
  /**
   * The statements for many lines, most of which need no rule: longer, so that planning them takes
   * longer. Null where the source has no fast path.
   */
  everyday: { silver: string; quarantine: string } | null;
};

/** Everything that a job needs of a source: Python repeats no rule. */
export type SourceSql = {
  name: string;
  format: SourceFormat;
  /** True where the rows of one purchase are joined, which takes a shuffle. */
  joinsRows: boolean;
  /**
   * In the order of `s0`, `s1` …; `matched` is the name in the form in which header names are
   * matched.
   */
  columns: { name: string; matched: string; amount: boolean }[];
  needs: { csv: Need[]; json: Need[] };
  /** The columns that an object needs for its own currency; without them `defaulted` applies. */
  currency: Need | null;
  /** The message split around the faults and the columns that were found. */
  schemaFault: string[];
  /** Names of columns that a message may show. */
  known: string[];
  statements: Record<'own' | 'defaulted', Record<ChunkKind, RowsSql>>;
};

/**
 * The texts around the values that only the job has. `written` returns a mark as it appears in the
 * whole; the marks are ones that the user's texts do not contain, or a job would replace those.
 */
function textsAround(
  build: (first: string[], second: string[]) => string,
  markInText: (mark: string) => string,
): string[] {
  const plain = build([], []);
  let marks = ['{first}', '{second}'];
  while (marks.some((mark) => plain.includes(mark))) marks = marks.map((mark) => `{${mark}}`);
  const [first = '', second = ''] = marks;
  return build([first], [second])
    .split(markInText(first))
    .flatMap((text) => text.split(markInText(second)));
}

/**
 * The SQL for one source's rows, for objects of which `newestDay` (YYYY-MM-DD) is the last day of
 * arrival.
 */
export function sourceSql(source: Source, timeZone: string, newestDay: string): SourceSql {
  const columns = sourceColumns(source);
  const amounts = new Set(amountColumns(source));
  const { currency } = source.fields;
  const defaults = currency !== undefined && source.defaultCurrency !== undefined;
  const need = defaults ? needOf('currency', currency) : null;
  const context = { source, timeZone, ingestionDate: newestDay, eachDay: true };
  const own = { ...context, present: new Set(columns) };
  const absent = new Set(need?.columns);
  const defaulted = { ...context, present: new Set(columns.filter((name) => !absent.has(name))) };
  return {
    name: source.name,
    format: source.format,
    joinsRows: source.rows === 'lines',
    columns: columns.map((name) => ({
      name,
      matched: normaliseName(name),
      amount: amounts.has(name),
    })),
    needs: { csv: needs(source, 'csv'), json: needs(source, 'json') },
    currency: need,
    schemaFault: textsAround(
      (faults, [found = '']) => schemaFault(source, faults, found),
      (mark) => mark,
    ),
    known: knownColumns(columns),
    statements: {
      own: bothKinds(own),
      defaulted: bothKinds(defaulted),
    },
  };
}

const bothKinds = (context: RowsContext): Record<ChunkKind, RowsSql> => ({
  lines: rowsSql(context, 'lines'),
  rows: rowsSql(context, 'rows'),
});

function rowsSql(context: RowsContext, kind: ChunkKind): RowsSql {
  const { source } = context;
  const rows = `(${chunkRows(source, kind)}) r`;
  const cleaned = cleanedRows(sparkDialect, context, rows);
  const validated = (rejected: readonly string[]): string =>
    validatedRows(source, cleaned, rejected);
  return {
    silver: silverRows(source, validated([])),
    quarantine: quarantineRows(sparkDialect, context, validated([]), rows),
    silverOfWhole: textsAround((rejected) => silverRows(source, validated(rejected)), literal),
    quarantineOfWhole: textsAround(
      (rejected) => quarantineRows(sparkDialect, context, validated(rejected), rows),
      literal,
    ),
    shares: `select object_key, cast(coalesce(sum(lines) filter (where row_reasons <> ''), 0) as bigint) as refused, cast(sum(lines) as bigint) as read from (${cleaned}) c group by object_key`,
    everyday: (kind === 'lines' ? everydaySql(context) : undefined) ?? null,
  };
}

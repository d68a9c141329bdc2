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
 * The statements over the view `chunks` of one source. Those `OfWhole` are texts between which the
 * keys of objects that are refused whole go.
 */
export type RowsSql = {
  silver: string;
  quarantine: string;
  silverOfWhole: string[];
  quarantineOfWhole: string[];
  /** Rows read and refused of each object. */
  shares: string;
  /**
   * What is sooner done where there are many lines, since most of them need no rule: longer
   * statements, of which the planning takes longer.
   */
  everyday: { silver: string; quarantine: string } | null;
};

/** All that a job must know of a source: no rule of it is repeated in Python. */
export type SourceSql = {
  name: string;
  format: SourceFormat;
  /** Whether the rows of one purchase are joined, which takes a shuffle. */
  joinsRows: boolean;
  /** In the order of `s0`, `s1` …; `matched` is the name as header names are matched by it. */
  columns: { name: string; matched: string; amount: boolean }[];
  needs: { csv: Need[]; json: Need[] };
  /**
   * What an object must have for its currency to come from it; where it has not, `defaulted` holds.
   */
  currency: Need | null;
  /** The texts before, between and after the faults and the columns that were found. */
  schemaFault: string[];
  /** Names of columns that a message may show. */
  known: string[];
  statements: Record<'own' | 'defaulted', Record<ChunkKind, RowsSql>>;
};

/**
 * The texts between which a job puts what is known only there. `written` is how a mark stands in
 * the whole; the marks are such as no text of the user's holds, or a job would put its own in the
 * place of that one.
 */
function textsAround(
  made: (first: string[], second: string[]) => string,
  written: (mark: string) => string,
): string[] {
  const plain = made([], []);
  let marks = ['{first}', '{second}'];
  while (marks.some((mark) => plain.includes(mark))) marks = marks.map((mark) => `{${mark}}`);
  const [first = '', second = ''] = marks;
  return made([first], [second])
    .split(written(first))
    .flatMap((text) => text.split(written(second)));
}

/**
 * The work on one source's rows, for objects of which `newestDay` (YYYY-MM-DD) is the last to have
 * arrived.
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
  const judged = (refused: readonly string[]): string => validatedRows(source, cleaned, refused);
  return {
    silver: silverRows(source, judged([])),
    quarantine: quarantineRows(sparkDialect, context, judged([]), rows),
    silverOfWhole: textsAround((refused) => silverRows(source, judged(refused)), literal),
    quarantineOfWhole: textsAround(
      (refused) => quarantineRows(sparkDialect, context, judged(refused), rows),
      literal,
    ),
    shares: `select object_key, cast(coalesce(sum(lines) filter (where row_reasons <> ''), 0) as bigint) as refused, cast(sum(lines) as bigint) as read from (${cleaned}) c group by object_key`,
    everyday: (kind === 'lines' ? everydaySql(context) : undefined) ?? null,
  };
}

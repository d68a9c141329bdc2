import {
  cleanedRows,
  judgedRows,
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
import { normaliseName } from '../../medallion/names.ts';
import type { Source, SourceFormat } from '../../medallion/source.ts';
import { sparkDialect } from './dialect.ts';
import { everydaySql } from './everyday-sql.ts';
import { type ChunkKind, chunkRows } from './rows-sql.ts';

/** The statements over the view `chunks` of one source. In the two that judge, `'{refused}'` stands for the keys of objects that are refused whole. */
export type RowsSql = {
  silver: string;
  quarantine: string;
  silverOfWhole: string;
  quarantineOfWhole: string;
  /** Rows read and refused of each object. */
  shares: string;
  /** What is sooner done where there are many lines, since most of them need no rule: longer statements, of which the planning takes longer. */
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
  /** What an object must have for its currency to come from it; where it has not, `defaulted` holds. */
  currency: Need | null;
  /** `{faults}` and `{columns}` are filled in. */
  schemaFault: string;
  /** Names of columns that a message may show. */
  known: string[];
  statements: Record<'own' | 'defaulted', Record<ChunkKind, RowsSql>>;
};

const REFUSED = ['{refused}'];

/** The work on one source's rows, for objects of which `newestDay` (YYYY-MM-DD) is the last to have arrived. */
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
    schemaFault: schemaFault(source, ['{faults}'], '{columns}'),
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
  const judged = (refused: readonly string[]): string => judgedRows(source, cleaned, refused);
  return {
    silver: silverRows(source, judged([])),
    quarantine: quarantineRows(sparkDialect, context, judged([]), rows),
    silverOfWhole: silverRows(source, judged(REFUSED)),
    quarantineOfWhole: quarantineRows(sparkDialect, context, judged(REFUSED), rows),
    shares: `select object_key, cast(coalesce(sum(lines) filter (where row_reasons <> ''), 0) as bigint) as refused, cast(sum(lines) as bigint) as read from (${cleaned}) c group by object_key`,
    everyday: (kind === 'lines' ? everydaySql(context) : undefined) ?? null,
  };
}

import { type DuckDBValue, StatementType } from '@duckdb/node-api';

import { LedgerDamaged, PurchasesError, QueryRefused } from '../../../errors.ts';
import { quotedPath } from '../../../lake/files/plain-paths.ts';
import { copyTo } from '../files.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { openSession, type Session } from '../session.ts';

export type ReadOnlyOptions = {
  statements: readonly string[];
  /** Files that the views read; no other may be read. */
  files: readonly string[];
  /** Links to such files, under which the views read them. */
  links: readonly string[];
  scratch: string;
  memoryLimit: string;
  signal: AbortSignal;
};

/** A session in which only the views can be read: no other file, no setting, no write. */
export type ReadOnly = AsyncDisposable & {
  /** Column names, then batches of rows as text. */
  stream(sql: string): AsyncGenerator<{ columns: string[]; rows: (string | null)[][] }>;
  /** Writes the answer as one Parquet file into the scratch folder. */
  parquet(sql: string, path: string): Promise<void>;
};

/**
 * Opens the views of a lake for one reader's SQL. Errors: `QueryRefused` for anything but one
 * SELECT, with DuckDB's own words where it fails.
 */
export async function openReadOnly(options: ReadOnlyOptions): Promise<ReadOnly> {
  const session = await openSession(options);
  for (const statement of options.statements) await readable(() => session.run(statement));
  // These files alone: within an allowed folder a SELECT of `enable_logging` could write. The
  // scratch folder, in which DuckDB spills, is always allowed.
  const paths = [...options.files, ...options.links];
  await session.run(`set allowed_paths = [${paths.map(quotedPath).join(', ')}]`);
  await session.run('set enable_external_access = false');
  await session.run('set lock_configuration = true');
  return {
    async *stream(sql) {
      await oneSelect(session, sql);
      const result = await asQueryRefused(() => session.connection.stream(sql));
      const columns = result.columnNames();
      yield { columns, rows: [] };
      while (true) {
        const chunk = await asQueryRefused(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield { columns, rows: chunk.getRows().map((row) => row.map(cellText)) };
      }
    },
    async parquet(sql, path) {
      await oneSelect(session, sql);
      await asQueryRefused(() =>
        session.run(copyTo(session, sql.replace(/;\s*$/, ''), path, 'format parquet')),
      );
    },
    [Symbol.asyncDispose]: (): PromiseLike<void> => session[Symbol.asyncDispose](),
  };
}

/**
 * Views read the ends of their files as they are made: what is not Parquet any more shows there.
 */
async function readable(make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (error instanceof PurchasesError || !(error instanceof Error)) throw error;
    throw new LedgerDamaged(`A file of the lake cannot be read: ${error.message}`, {
      hint: 'purchases verify names every file that is damaged; purchases rebuild makes them again from bronze.',
      cause: error,
    });
  }
}

/** Blanks and comments before a statement. */
const LEAD = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*/;

/** DuckDB's own parser decides what the text holds, not a pattern. */
async function oneSelect(session: Session, sql: string): Promise<void> {
  const statement = sql.replace(LEAD, '');
  if (statement === '')
    throw new QueryRefused('One statement is expected, none was given.', {
      hint: 'Give one SELECT.',
    });
  const statements = await asQueryRefused(() => session.connection.extractStatements(sql));
  if (statements.count !== 1)
    throw new QueryRefused(`One statement is expected, ${statements.count} were given.`, {
      hint: 'Give one SELECT.',
    });
  const prepared = await asQueryRefused(() => statements.prepare(0));
  const { statementType } = prepared;
  // The parser turns some pragmas into a SELECT of a function of the same name.
  if (statementType !== StatementType.SELECT || /^pragma\b/i.test(statement))
    throw new QueryRefused('Only SELECT can be asked: a query never changes anything.', {
      hint: 'The relations are silver, gold, gold_history, quarantine, objects and commits.',
    });
  await noneThatActs(session, sql);
}

/**
 * Functions that a SELECT can call and that do more than read: they write logs, print profiles,
 * change the session, or run a text in which these stand.
 */
const ACTS =
  /^(?:enable_\w+|disable_\w+|force_checkpoint|checkpoint|truncate_duckdb_logs|write_log|query|json_execute_serialized_sql)$/i;

/**
 * The names are those of the parser's tree, so that no quotes hide one; settings stay locked
 * whatever they do.
 */
async function noneThatActs(session: Session, sql: string): Promise<void> {
  const [row] = await session.rows(`select json_serialize_sql(${literal(sql)}) as tree`);
  const tree = row?.['tree'] ?? '';
  // A statement that has no tree, such as SHOW, is searched as a text.
  const names = tree.startsWith('{"error":true')
    ? sql.matchAll(/(\w+)/g)
    : tree.matchAll(/"function_name":"((?:[^"\\]|\\.)*)"/g);
  const found = [...names].find(([, name]) => ACTS.test(name ?? ''));
  if (found !== undefined)
    throw new QueryRefused(`The function ${found[1]} does more than read.`, {
      hint: 'The relations are silver, gold, gold_history, quarantine, objects and commits.',
    });
}

async function asQueryRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new QueryRefused(message, {
      hint: 'The relations are silver, gold, gold_history, quarantine, objects and commits.',
      cause,
    });
  }
}

const cellText = (value: DuckDBValue | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

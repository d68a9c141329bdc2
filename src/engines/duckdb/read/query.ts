import { type DuckDBValue, StatementType } from '@duckdb/node-api';

import { LedgerDamaged, PurchasesError, QueryRefused } from '../../../errors.ts';
import { quotedPath } from '../../../lake/files/plain-paths.ts';
import { copyTo } from '../files.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { openSession, type Session } from '../session.ts';

export type ReadOnlyOptions = {
  statements: readonly string[];
  /** Files that the views read; all others are blocked. */
  files: readonly string[];
  /** Links to these files, under which the views read them. */
  links: readonly string[];
  scratch: string;
  memoryLimit: string;
  signal: AbortSignal;
};

/** A session that can only read the views: no other files, no settings, no writes. */
export type ReadOnly = AsyncDisposable & {
  /** Yields the column names, then batches of rows as text. */
  stream(sql: string): AsyncGenerator<{ columns: string[]; rows: (string | null)[][] }>;
  /** Writes the result as one Parquet file into the scratch folder. */
  parquet(sql: string, path: string): Promise<void>;
};

/**
 * Opens the views of a lake for SQL of a user. Error: `QueryRefused` for anything but one SELECT,
 * and with DuckDB's message if the SELECT fails.
 */
export async function openReadOnly(options: ReadOnlyOptions): Promise<ReadOnly> {
  const session = await openSession(options);
  for (const statement of options.statements) await asLedgerDamaged(() => session.run(statement));
  // Allows single files: a SELECT of `enable_logging` could write into an allowed folder. DuckDB
  // always allows the scratch folder, into which it spills.
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
 * Creating a view reads the footers of its files, so a file that is no longer Parquet fails here.
 * Error: `LedgerDamaged`.
 */
async function asLedgerDamaged(create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (error instanceof PurchasesError || !(error instanceof Error)) throw error;
    throw new LedgerDamaged(`A file of the lake cannot be read: ${error.message}`, {
      hint: 'Run purchases verify to list the damaged files and purchases rebuild to write them again from bronze.',
      cause: error,
    });
  }
}

/** Blanks and comments before a statement. */
const LEADING_BLANKS = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*/;

/** Checks that the text is one SELECT, by DuckDB's own parser and not by a pattern. */
async function oneSelect(session: Session, sql: string): Promise<void> {
  const statement = sql.replace(LEADING_BLANKS, '');
  if (statement === '')
    throw new QueryRefused('Expected one statement, got none.', {
      hint: 'Give one SELECT.',
    });
  const statements = await asQueryRefused(() => session.connection.extractStatements(sql));
  if (statements.count !== 1)
    throw new QueryRefused(`Expected one statement, got ${statements.count}.`, {
      hint: 'Give one SELECT.',
    });
  const prepared = await asQueryRefused(() => statements.prepare(0));
  const { statementType } = prepared;
  // The parser turns some pragmas into a SELECT of a function of the same name.
  if (statementType !== StatementType.SELECT || /^pragma\b/i.test(statement))
    throw new QueryRefused('Only SELECT is allowed: a query cannot change anything.', {
      hint: 'The relations are silver, gold, gold_history, quarantine, objects and commits.',
    });
  await noneThatActs(session, sql);
}

/**
 * Functions that a SELECT can call and that do more than read: they write logs, print profiles,
 * change the session, or run a text that calls such functions.
 */
const ACTS =
  /^(?:enable_\w+|disable_\w+|force_checkpoint|checkpoint|truncate_duckdb_logs|write_log|query|json_execute_serialized_sql)$/i;

/**
 * Checks the function names in the parser's tree, so that quotes cannot hide one. Settings stay
 * locked in any case.
 */
async function noneThatActs(session: Session, sql: string): Promise<void> {
  const [row] = await session.rows(`select json_serialize_sql(${literal(sql)}) as tree`);
  const tree = row?.['tree'] ?? '';
  // A statement without a tree, such as SHOW, is searched as text.
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

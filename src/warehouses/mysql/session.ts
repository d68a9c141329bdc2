import type { Connection, FieldPacket, ResultSetHeader } from 'mysql2/promise';
import type { Load } from '../../lake/ports/warehouse.ts';
import { refused, type Session } from '../server/warehouse.ts';
import type { Sql, SqlResult, SqlValue } from '../sql.ts';
import { copyIn } from './copy.ts';
import { forget } from './forget.ts';

/**
 * The first words of statements that only read. The transaction is read-only too; this excludes
 * SET, KILL and the like.
 */
const READS = /^[\s(]*(?:select|with|values|table|show|explain|describe|desc)\b/i;

/** Opens a session of the warehouse on a connection. */
export function mysqlSession(connection: Connection): Session {
  const sql = mysqlSql(connection);
  return {
    sql,
    copy: (load: Load, csv: AsyncIterable<Uint8Array>) => copyIn(connection, load.loadId, csv),
    read: (statement) => readOnly(connection, statement),
    forget: () => forget(sql),
    end: () => connection.end(),
    cut: () => connection.destroy(),
  };
}

export function mysqlSql(connection: Connection): Sql {
  const sql: Sql = {
    query: (text, values = []) => runQuery(connection, ...positional(text, values)),
    async exec(text) {
      for (const statement of text.split(/;[ \t]*(?:\n|$)/))
        if (statement.trim() !== '') await connection.query(statement);
    },
    async transaction(work) {
      await connection.query('START TRANSACTION');
      try {
        const result = await work({ ...sql, transaction: nested });
        await connection.query('COMMIT');
        return result;
      } catch (error) {
        await connection.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
  };
  return sql;
}

function nested(): Promise<never> {
  return Promise.reject(new Error('a transaction within a transaction'));
}

/** Replaces the numbered parameters of the shared SQL ($1) by MySQL's `?`, each with its value. */
export function positional(
  text: string,
  values: readonly SqlValue[],
): [text: string, values: SqlValue[]] {
  const placed: SqlValue[] = [];
  const statement = text.replaceAll(/\$(\d)/g, (_, place: string) => {
    placed.push(values[Number(place) - 1] ?? null);
    return '?';
  });
  return [statement, placed];
}

/** Every value stays the text that the server sent. */
async function runQuery(
  connection: Connection,
  sql: string,
  values?: readonly SqlValue[],
): Promise<SqlResult> {
  const [result, fields] = (await connection.query({
    sql,
    rowsAsArray: true,
    typeCast: (field) => field.string(),
    ...(values === undefined ? {} : { values: [...values] }),
  })) as [ResultSetHeader | (string | null)[][], FieldPacket[] | undefined];
  if (!Array.isArray(result)) return { columns: [], rows: [], count: result.affectedRows };
  return { columns: (fields ?? []).map(({ name }) => name), rows: result, count: result.length };
}

async function readOnly(connection: Connection, statement: string): Promise<SqlResult> {
  if (!READS.test(statement)) throw refused('it does not start with SELECT or WITH');
  await connection.query('START TRANSACTION READ ONLY');
  const result = await runQuery(connection, statement);
  await connection.query('ROLLBACK');
  return result;
}

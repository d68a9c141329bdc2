import type { Client, QueryArrayConfig } from 'pg';
import type { Load } from '../../lake/ports/warehouse.ts';
import { copyLoad, NAME_LOAD } from './statements.ts';
import type { Session } from '../server/warehouse.ts';
import type { Sql, SqlResult, SqlValue } from '../sql.ts';
import { cut } from './connect.ts';
import { copyIn } from './copy.ts';
import { forget } from './forget.ts';

const COPY_LOAD = copyLoad('STDIN');

/** Opens a session of the warehouse on a connection. */
export function postgresSession(client: Client): Session {
  const sql = postgresSql(client);
  return {
    sql,
    async copy(load: Load, csv: AsyncIterable<Uint8Array>) {
      await sql.query(NAME_LOAD, [load.loadId]);
      await copyIn(client, COPY_LOAD, csv);
    },
    read: (statement) => readOnly(client, statement),
    forget: () => forget(client, sql),
    end: () => client.end(),
    cut: () => cut(client),
  };
}

/** The shared SQL session over a connection of `pg`. */
export function postgresSql(client: Client): Sql {
  const sql: Sql = {
    query: (text, values = []) => runQuery(client, text, values),
    exec: async (text) => void (await client.query(text)),
    async transaction(work) {
      await client.query('BEGIN');
      try {
        const result = await work({ ...sql, transaction: nested });
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
  };
  return sql;
}

function nested(): Promise<never> {
  return Promise.reject(new Error('a transaction within a transaction'));
}

/**
 * The extended protocol accepts one statement; without type parsers every value stays the text that
 * was sent.
 */
async function runQuery(
  client: Client,
  text: string,
  values: readonly SqlValue[] = [],
): Promise<SqlResult> {
  const config: QueryArrayConfig & { queryMode: 'extended' } = {
    text,
    values: [...values],
    rowMode: 'array',
    queryMode: 'extended',
    types: { getTypeParser: () => (value: string) => value },
  };
  const { fields, rows, rowCount } = await client.query<(string | null)[]>(config);
  return { columns: fields.map((field) => field.name), rows, count: rowCount ?? 0 };
}

/**
 * A read-only transaction still lets a superuser's COPY overwrite files of the server; a role that
 * may only read does not.
 */
async function readOnly(client: Client, statement: string): Promise<SqlResult> {
  await client.query('BEGIN READ ONLY');
  const { rows } = await runQuery(client, "SELECT current_setting('is_superuser')");
  if (rows[0]?.[0] === 'on') await client.query('SET LOCAL ROLE pg_read_all_data');
  const result = await runQuery(client, statement);
  await client.query('ROLLBACK');
  return result;
}

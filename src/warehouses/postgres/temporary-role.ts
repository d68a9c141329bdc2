import {
  ACCOUNT_PREFIX,
  accountCreatedAt,
  accountName,
  EXPIRES_SECONDS,
  NoTemporaryLogin,
  READABLE,
} from '../server/reader-account.ts';
import type { Sql } from '../sql.ts';
import { scramVerifier } from './scram.ts';

/**
 * A login for one query: its name and password, and the path in which unqualified names are
 * resolved.
 */
export type TemporaryRole = { user: string; password: string; searchPath: string };

/**
 * Two concurrent grants on one table fail with "tuple concurrently updated". Any constant works;
 * this one is "purcquer" in ASCII.
 */
const ONE_AT_A_TIME = 'SELECT pg_advisory_xact_lock(8103508848219383154)';

/** The tables that a query may read, quoted by the server: schema and table. */
const TABLES = `
SELECT DISTINCT quote_ident(nspname), format('%I.%I', nspname, relname)
FROM unnest(string_to_array($1, ',')) AS wanted
JOIN pg_class ON pg_class.oid = to_regclass(wanted)
JOIN pg_namespace ON pg_namespace.oid = relnamespace`;

const GIVEN = `
SELECT
  quote_ident(current_database()),
  has_database_privilege($1, current_database(), 'CONNECT')::int,
  (SELECT string_agg(quote_ident(name), ', ') FROM unnest(current_schemas(false)) AS name)`;

const MISSING = `
SELECT string_agg(wanted, ', ')
FROM unnest(string_to_array($2, ',')) AS wanted
WHERE NOT has_table_privilege($1, wanted, 'SELECT')
  OR NOT has_schema_privilege($1, (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(wanted)), 'USAGE')`;

/**
 * Creates a login that may only read the serving tables, for one connection within the next
 * minutes. `secret` is 64 random hexadecimal digits. Error: `NoTemporaryLogin` if its permissions
 * cannot be granted.
 */
export function createRole(sql: Sql, secret: string): Promise<TemporaryRole> {
  return sql.transaction(async (transaction) => {
    await transaction.query(ONE_AT_A_TIME);
    const { rows } = await transaction.query(
      `SELECT extract(epoch FROM now())::bigint, now() + interval '${EXPIRES_SECONDS} seconds'`,
    );
    const [seconds, expires] = rows[0] ?? [];
    const user = accountName(Number(seconds), secret);
    const password = secret.slice(7);
    const verifier = scramVerifier(password, Buffer.from(secret.slice(0, 32), 'hex'));
    // They consist of digits, letters and the characters of a timestamp and of Base64: none ends
    // the quotes.
    await transaction.exec(
      `CREATE ROLE ${user} LOGIN PASSWORD '${verifier}' NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION CONNECTION LIMIT 1 VALID UNTIL '${expires}'`,
    );
    const searchPath = await grant(transaction, user);
    return { user, password, searchPath };
  });
}

async function grant(sql: Sql, user: string): Promise<string> {
  const tables = await readable(sql);
  for (const [schema, table] of tables)
    await sql.exec(
      `GRANT USAGE ON SCHEMA ${schema} TO ${user}; GRANT SELECT ON ${table} TO ${user}`,
    );
  const [database, mayConnect, path] = (await sql.query(GIVEN, [user])).rows[0] ?? [];
  if (mayConnect === '0') await sql.exec(`GRANT CONNECT ON DATABASE ${database} TO ${user}`);
  // PostgreSQL reports a grant that the login may not make as a warning, not an error.
  const { rows } = await sql.query(MISSING, [user, tables.map(([, table]) => table).join(',')]);
  if (rows[0]?.[0]) throw new NoTemporaryLogin(`the login may not grant SELECT on ${rows[0][0]}`);
  return path ?? '';
}

const readable = async (sql: Sql): Promise<[schema: string, table: string][]> =>
  (await sql.query(TABLES, [READABLE.join(',')])).rows.map(([schema, table]) => [
    schema ?? '',
    table ?? '',
  ]);

/** Ends the login's running statements, and drops it. */
export async function dropRole(sql: Sql, user: string): Promise<void> {
  await sql
    .query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [user])
    .catch(() => undefined);
  await sql.transaction(async (transaction) => {
    await transaction.query(ONE_AT_A_TIME);
    const { rows } = await transaction.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [user]);
    if (rows.length === 0) return;
    const tables = await readable(transaction);
    for (const [schema, table] of tables)
      await transaction.exec(
        `REVOKE ALL ON ${table} FROM ${user}; REVOKE ALL ON SCHEMA ${schema} FROM ${user}`,
      );
    const [database] = (await transaction.query(GIVEN, [user])).rows[0] ?? [];
    await transaction.exec(`REVOKE ALL ON DATABASE ${database} FROM ${user}; DROP ROLE ${user}`);
  });
}

const LEFT_BEHIND = `
SELECT rolname
FROM pg_roles
WHERE starts_with(rolname, $1)
  AND rolvaliduntil < now()
  AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE usesysid = pg_roles.oid)`;

/**
 * Drops the logins of processes that died. A login that is in use is kept, and so is one with
 * permissions in another database of the server: a query in that database drops it.
 */
export async function sweepRoles(sql: Sql): Promise<void> {
  const { rows } = await sql.query(LEFT_BEHIND, [ACCOUNT_PREFIX]);
  for (const [name] of rows)
    if (name && accountCreatedAt(name) !== undefined)
      await dropRole(sql, name).catch(() => undefined);
}

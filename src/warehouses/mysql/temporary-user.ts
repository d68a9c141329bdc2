import type { Connection } from 'mysql2/promise';

import {
  ACCOUNT_PREFIX,
  accountCreatedAt,
  accountName,
  EXPIRES_SECONDS,
  NoTemporaryLogin,
  READABLE,
  STATEMENT_SECONDS,
} from '../server/reader-account.ts';
import type { Sql } from '../sql.ts';

/** A login for one query. `account` is its name and host as statements write it. */
export type TemporaryUser = { user: string; password: string; account: string };

const NOW = `
SELECT
  UNIX_TIMESTAMP(),
  SUBSTRING_INDEX(USER(), '@', -1),
  CONCAT('\`', REPLACE(DATABASE(), '\`', '\`\`'), '\`')`;

const TABLES = `
SELECT table_name
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN (${READABLE.map((name) => `'${name}'`).join(', ')})`;

/**
 * Creates a login that may only read the serving tables, from the host that the server sees for
 * this machine. `secret` is 64 random hexadecimal digits. Error: `NoTemporaryLogin`; a partially
 * created login is dropped.
 */
export async function createUser(sql: Sql, secret: string): Promise<TemporaryUser> {
  const [seconds, host, database] = (await sql.query(NOW)).rows[0] ?? [];
  if (!host || !/^[\w.:-]+$/.test(host))
    throw new NoTemporaryLogin(`the server sees this machine as ${host}`);
  const { rows: tables } = await sql.query(TABLES);
  if (tables.length === 0) throw new NoTemporaryLogin('the database has no serving table yet');
  const user = accountName(Number(seconds), secret);
  const account = `'${user}'@'${host}'`;
  const password = secret.slice(7);
  await sql.exec(`CREATE USER ${account} IDENTIFIED BY '${password}' WITH MAX_USER_CONNECTIONS 1`);
  try {
    // Their names are constants of this package.
    for (const [table] of tables)
      await sql.exec(`GRANT SELECT ON ${database}.${table} TO ${account}`);
  } catch (error) {
    await dropUser(sql, account);
    throw error;
  }
  return { user, password, account };
}

export async function dropUser(sql: Sql, account: string): Promise<void> {
  await sql.exec(`DROP USER IF EXISTS ${account}`);
}

/** Ends the login's running statements: a MySQL session survives when its user is dropped. */
export async function endConnection(sql: Sql, { threadId }: Connection): Promise<void> {
  await sql.exec(`KILL ${threadId}`).catch(() => undefined);
}

/**
 * Their hosts are those that `createUser` wrote. Other logins' sessions are visible only to a login
 * that may see all processes.
 */
const LEFT_BEHIND = `
SELECT user, host
FROM mysql.user
WHERE user LIKE '${ACCOUNT_PREFIX.replaceAll('_', '\\\\_')}%'
  AND user NOT IN (SELECT user FROM information_schema.processlist)`;

/** Drops the logins of processes that died, long after any of their queries has ended. */
export async function sweepUsers(sql: Sql): Promise<void> {
  const { rows } = await sql.query(LEFT_BEHIND).catch(() => ({ rows: [] }));
  if (rows.length === 0) return;
  const now = Number((await sql.query(NOW)).rows[0]?.[0]);
  for (const [user, host] of rows) {
    const createdAt = accountCreatedAt(user ?? '');
    if (createdAt === undefined || createdAt + EXPIRES_SECONDS + STATEMENT_SECONDS > now) continue;
    if (host && /^[\w.:-]+$/.test(host))
      await dropUser(sql, `'${user}'@'${host}'`).catch(() => undefined);
  }
}

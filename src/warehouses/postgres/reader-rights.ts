import type { Sql } from '../sql.ts';

/** The permissions of a connection's login. */
export type Rights = {
  login: string;
  mayCreateLogins: boolean;
  /** A replica, or a server that was set to read-only: it cannot create a login. */
  isReadOnly: boolean;
  /** Why the login is too powerful for a user's SELECT; empty if it is not. */
  harm: string;
};

/**
 * Roles of PostgreSQL whose functions reach files, programs, other sessions or the log, even within
 * a SELECT.
 */
const POWERS = [
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_signal_backend',
  'pg_signal_autovacuum_worker',
  'pg_checkpoint',
  'pg_create_subscription',
  'pg_maintain',
];

/**
 * `set_config('role', …)` reaches every role that the login is a member of, and functions that
 * create replication slots write in any transaction.
 */
const RIGHTS = `
SELECT
  me.rolname,
  (me.rolsuper OR me.rolcreaterole)::int,
  (pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on')::int,
  concat_ws(
    ' and ',
    CASE WHEN me.rolsuper THEN 'is a superuser' END,
    CASE WHEN me.rolreplication AND NOT me.rolsuper THEN 'may replicate' END,
    CASE WHEN NOT me.rolsuper THEN (
      SELECT 'is a member of ' || string_agg(power.rolname, ', ' ORDER BY power.rolname)
      FROM pg_roles AS power
      WHERE power.oid <> me.oid
        AND (power.rolsuper OR power.rolreplication OR power.rolname = ANY (string_to_array($1, ',')))
        AND pg_has_role(me.oid, power.oid, 'MEMBER')
    ) END
  )
FROM pg_roles AS me
WHERE me.rolname = session_user`;

export async function rightsOf(sql: Sql): Promise<Rights> {
  const { rows } = await sql.query(RIGHTS, [POWERS.join(',')]);
  const [login, create, readOnly, harm] = rows[0] ?? [];
  return {
    login: login ?? '',
    mayCreateLogins: create === '1',
    isReadOnly: readOnly === '1',
    harm: harm ?? '',
  };
}

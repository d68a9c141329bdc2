import type { Sql } from '../sql.ts';

/**
 * Global privileges with which a SELECT reaches files, or a session has an administrator's rights.
 */
const POWERS = /\b(?:ALL PRIVILEGES|FILE|SUPER|SHUTDOWN|SYSTEM_USER|CREATE USER)\b/g;

/**
 * Returns the connection's login, and why it is too powerful for a user's SELECT; empty if it is
 * not. Privileges of the active roles count.
 */
export async function excessRightsOf(sql: Sql): Promise<{ login: string; harm: string }> {
  const [login, role] = (await sql.query('SELECT CURRENT_USER(), CURRENT_ROLE()')).rows[0] ?? [];
  const grants = (await sql.query('SHOW GRANTS')).rows;
  if (role && role !== 'NONE') grants.push(...(await grantsOfRole(sql, role)));
  const powers = grants.flatMap(
    ([grant]) => /^GRANT (.*) ON \*\.\* TO /.exec(grant ?? '')?.[1]?.match(POWERS) ?? [],
  );
  const harm = powers.length === 0 ? '' : `has the privilege ${[...new Set(powers)].join(', ')}`;
  return { login: login ?? '', harm };
}

/** MySQL lists its active roles as USING expects them; MariaDB has one. */
async function grantsOfRole(sql: Sql, role: string): Promise<(string | null)[][]> {
  const statements = [
    'SHOW GRANTS FOR CURRENT_ROLE',
    `SHOW GRANTS FOR CURRENT_USER() USING ${role}`,
  ];
  for (const statement of statements) {
    const found = await sql.query(statement).catch(() => undefined);
    if (found !== undefined) return found.rows;
  }
  return [['GRANT ALL PRIVILEGES ON *.* TO an active role whose grants cannot be read']];
}

import type { Remainder } from '../../lake/ports/warehouse.ts';
import type { Sql } from '../sql.ts';

const TABLES = ['customer_purchase_summary_staging', 'customer_purchase_summary'];
const NAMED = TABLES.map((table) => `'${table}'`).join(', ');

/** Histograms of MySQL hold values of names and addresses; its other statistics are counts. */
const HISTOGRAMS = `
SELECT DISTINCT table_name
FROM information_schema.column_statistics
WHERE schema_name = DATABASE() AND table_name IN (${NAMED}) AND column_name IN ('full_name', 'email')`;

/**
 * MariaDB keeps the minimum and the maximum of each column with gathered statistics, and
 * histograms.
 */
const COLUMN_STATS = `
SELECT DISTINCT table_name
FROM mysql.column_stats
WHERE db_name = DATABASE() AND table_name IN (${NAMED})`;

/** Rebuilds statistics that hold values, and reports what the server still keeps. */
export async function forget(sql: Sql): Promise<Remainder[]> {
  const isMariadb = /mariadb/i.test((await sql.query('SELECT VERSION()')).rows[0]?.[0] ?? '');
  const statistics = isMariadb ? await forgetColumnStats(sql) : await dropHistograms(sql);
  return [
    ...statistics,
    {
      what: "bytes of deleted rows in the undo log, in the redo log and in the free space of the tables' pages, which SQL cannot read",
      until:
        'the purge has run (seconds, if no transaction is open) and other rows have overwritten them',
      remedy: `to remove them at once, as the owner, without concurrent writers: OPTIMIZE TABLE ${TABLES.join(', ')}`,
    },
    ...(await inBinaryLog(sql)),
    {
      what: 'backups, snapshots, dumps and replicas from before the erasure',
      until: 'they expire or are replaced, as their operators decide',
    },
  ];
}

async function dropHistograms(sql: Sql): Promise<Remainder[]> {
  const drop = (table: string): string =>
    `ANALYZE TABLE ${table} DROP HISTOGRAM ON full_name, email`;
  const { rows } = await sql.query(HISTOGRAMS);
  const tables = rows.map(([table]) => table ?? '');
  return attempted(sql, tables, drop, 'names and addresses in histograms');
}

async function forgetColumnStats(sql: Sql): Promise<Remainder[]> {
  const analyze = (table: string): string => `ANALYZE TABLE ${table} PERSISTENT FOR ALL`;
  const found = await sql.query(COLUMN_STATS).catch(() => undefined);
  if (found !== undefined)
    return attempted(
      sql,
      found.rows.map(([table]) => table ?? ''),
      analyze,
      'names and addresses in mysql.column_stats',
    );
  return [
    {
      what: 'names and addresses in mysql.column_stats, if column statistics were gathered: this login may not read it',
      until: 'they are gathered again',
      remedy: `as an administrator: ${TABLES.map(analyze).join('; ')}`,
    },
  ];
}

/**
 * ANALYZE TABLE reports a missing permission either as an error or as a row of the type `Error`.
 */
async function attempted(
  sql: Sql,
  tables: readonly string[],
  statement: (table: string) => string,
  what: string,
): Promise<Remainder[]> {
  const refused: string[] = [];
  for (const table of tables) {
    const result = await sql.query(statement(table)).catch(() => undefined);
    if (result === undefined || result.rows.some((row) => row[2] === 'Error')) refused.push(table);
  }
  if (refused.length === 0) return [];
  return [
    {
      what: `${what} of ${refused.join(' and ')}: this login may not ANALYZE`,
      until: 'they are gathered again',
      remedy: `as the owner of the tables: ${refused.map(statement).join('; ')}`,
    },
  ];
}

/** Variables that not every server has. */
const EXPIRES = ['@@GLOBAL.binlog_expire_logs_seconds', '@@GLOBAL.expire_logs_days * 86400'];

/** The binary log holds every row that was written or deleted, until its files expire. */
async function inBinaryLog(sql: Sql): Promise<Remainder[]> {
  if ((await sql.query('SELECT @@GLOBAL.log_bin')).rows[0]?.[0] === '0') return [];
  for (const variable of EXPIRES) {
    const found = await sql.query(`SELECT ${variable}`).catch(() => undefined);
    const seconds = Number(found?.rows[0]?.[0] ?? 0);
    if (seconds > 0)
      return [
        {
          what: 'the binary log',
          until: `its files expire, ${seconds / 86_400} days after they were written`,
        },
      ];
  }
  return [
    {
      what: 'the binary log, whose files do not expire',
      until: 'an administrator purges them',
      remedy: 'PURGE BINARY LOGS BEFORE NOW(), once every replica has read them',
    },
  ];
}

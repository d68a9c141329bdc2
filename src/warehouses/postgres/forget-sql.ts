import type { Remainder } from '../../lake/ports/warehouse.ts';
import type { Sql } from '../sql.ts';

const MAIN = 'customer_purchase_summary';
const STAGING = 'customer_purchase_summary_staging';

/** Each table, and a placeholder row for an empty one: the statements that insert and delete it. */
const TABLES = [
  { table: STAGING, row: "(load_id) SELECT 'forget'", found: "load_id = 'forget'" },
  {
    table: MAIN,
    row: '(customer_id) SELECT -2147483648',
    found: 'customer_id = -2147483648 AND updated_at = now()',
  },
];

/** The tables whose rows name customers. */
export const NAMING = TABLES.map(({ table }) => table);

/**
 * Rebuilds the planner's statistics of the tables: `pg_stats` holds whole values of names and
 * addresses. ANALYZE of an empty table keeps the previous statistics, so it gets one row, which the
 * same transaction removes.
 */
export async function reanalyze(sql: Sql): Promise<void> {
  for (const statements of ANALYSES)
    await sql.transaction(async (transaction) => {
      for (const statement of statements) await transaction.exec(statement);
    });
}

const ANALYSES = TABLES.map(({ table, row, found }) => [
  `INSERT INTO ${table} ${row} WHERE NOT EXISTS (SELECT FROM ${table})`,
  `ANALYZE ${table}`,
  `DELETE FROM ${table} WHERE ${found}`,
]);

/**
 * Reports what the server still keeps and no client can remove, from its own settings. `refused`
 * are the tables that this login may not vacuum, `kept` the dead rows of pg_statistic.
 */
export async function remainsOnServer(
  sql: Sql,
  { refused, statistics }: { refused: readonly string[]; statistics: boolean },
): Promise<Remainder[]> {
  const remains: Remainder[] = [];
  const rewrite = `VACUUM FULL ${NAMING.join(', ')}`;
  const vacuumStatements = ANALYSES.map((statements) =>
    ['BEGIN', ...statements, 'COMMIT'].join('; '),
  );
  if (refused.length > 0)
    remains.push({
      what: `deleted rows of ${refused.join(' and ')}, and names and addresses in the planner's statistics (pg_stats): this login may not VACUUM or ANALYZE`,
      until: 'autovacuum runs',
      remedy: `as the owner of the tables: ${[...vacuumStatements, rewrite].join('; ')}`,
    });
  else {
    remains.push(...(await deadRows(sql)));
    remains.push({
      what: "bytes of deleted rows in the free space of the tables' pages, which SQL cannot read",
      until: 'other rows overwrite them',
      remedy: `to remove them at once, as the owner, while the tables are not in use: ${rewrite}`,
    });
  }
  if (statistics)
    remains.push({
      what: "dead rows of pg_statistic, with the planner's previous statistics",
      until: 'autovacuum runs, and other rows overwrite them',
      remedy: 'as a superuser: VACUUM FULL pg_catalog.pg_statistic',
    });
  return [...remains, await inLog(sql), IN_COPIES];
}

const DEAD = `SELECT sum(pg_stat_get_dead_tuples(to_regclass(name))) FROM unnest(string_to_array($1, ',')) AS name`;

/** Row versions that VACUUM had to keep, since a transaction may still see them. */
async function deadRows(sql: Sql): Promise<Remainder[]> {
  const dead = Number((await sql.query(DEAD, [NAMING.join(',')])).rows[0]?.[0] ?? 0);
  if (dead === 0) return [];
  return [
    {
      what: `${dead} versions of deleted rows, which a transaction that is still open may see`,
      until:
        'that transaction, prepared transaction or replication slot is gone, and the next VACUUM has run',
      remedy: `then: VACUUM ${NAMING.join(', ')}`,
    },
  ];
}

const LOG = `
SELECT
  current_setting('checkpoint_timeout'),
  current_setting('max_wal_size'),
  current_setting('wal_keep_size'),
  current_setting('archive_mode'),
  (SELECT string_agg(slot_name, ', ' ORDER BY slot_name) FROM pg_replication_slots)`;

/** The write-ahead log, which held every written row and, with full-page images, its neighbours. */
async function inLog(sql: Sql): Promise<Remainder> {
  const [timeout, size, keep, archive, slots] = (await sql.query(LOG)).rows[0] ?? [];
  const kept = keep === '0' ? '' : `, the last ${keep} stay (wal_keep_size)`;
  const until = [
    `its segments are overwritten after the next checkpoints (every ${timeout}, up to ${size} of log${kept})`,
    ...(archive === 'off' ? [] : ['the archive of segments is cleared (archive_mode is on)']),
    ...(slots ? [`the replication slots ${slots} have passed it`] : []),
  ];
  return { what: 'the write-ahead log', until: until.join('; ') };
}

/** Data that no statement on this server reaches. */
export const IN_COPIES: Remainder = {
  what: 'backups, snapshots, dumps and replicas from before the erasure',
  until: 'they expire or are replaced, as their operators decide',
};

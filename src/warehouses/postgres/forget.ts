import type { Client } from 'pg';

import type { Remainder } from '../../lake/ports/warehouse.ts';
import { reanalyze, NAMING, remainsOnServer } from './forget-sql.ts';
import type { Sql } from '../sql.ts';

/**
 * Removes deleted rows from the tables and from the planner's statistics, without a lock that
 * readers or writers would wait for, and reports what the server still keeps. Indexes are always
 * cleaned, even if few rows are dead.
 */
export async function forget(client: Client, sql: Sql): Promise<Remainder[]> {
  const refused = await vacuum(client);
  if (refused.length === 0) {
    await reanalyze(sql);
    // Otherwise this session's counters are added to the dead rows that VACUUM has just counted.
    await client.query('SELECT pg_stat_force_next_flush()');
    await vacuum(client);
  }
  // The replaced row still holds the values; only a superuser may vacuum it.
  const clean = await isDone(
    client,
    'VACUUM pg_catalog.pg_statistic, pg_catalog.pg_statistic_ext_data',
  );
  return remainsOnServer(sql, { refused, statistics: !clean });
}

/** Vacuums the tables; returns those that this login may not vacuum. */
async function vacuum(client: Client): Promise<string[]> {
  const refused: string[] = [];
  for (const table of NAMING)
    if (!(await isDone(client, `VACUUM (INDEX_CLEANUP ON) ${table}`))) refused.push(table);
  return refused;
}

/** PostgreSQL skips a table that a login may not vacuum, with a warning (class 01) and no error. */
async function isDone(client: Client, statement: string): Promise<boolean> {
  let done = true;
  const hear = ({ code }: { code?: string | undefined }): void => {
    if (code?.startsWith('01') === true) done = false;
  };
  client.on('notice', hear);
  try {
    await client.query(statement);
  } finally {
    client.off('notice', hear);
  }
  return done;
}

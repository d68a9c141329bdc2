import type { Client } from 'pg';

import type { Remainder } from '../../lake/ports/warehouse.ts';
import { analyzeAnew, NAMING, remainsOnServer } from '../postgres-forget.ts';
import type { Sql } from '../sql.ts';

/**
 * Takes deleted rows out of the tables and out of the planner's statistics, without a lock that readers or writers would wait for, and says what the server still keeps.
 * Indexes are always cleaned, also where few rows are gone.
 */
export async function forget(client: Client, sql: Sql): Promise<Remainder[]> {
  const refused: string[] = [];
  for (const table of NAMING)
    if (!(await isDone(client, `VACUUM (INDEX_CLEANUP ON) ${table}`))) refused.push(table);
  if (refused.length === 0) await analyzeAnew(sql);
  // The row that was replaced still holds the values; only a superuser may vacuum it away.
  const clean = await isDone(
    client,
    'VACUUM pg_catalog.pg_statistic, pg_catalog.pg_statistic_ext_data',
  );
  return remainsOnServer(sql, { refused, statistics: !clean });
}

/** PostgreSQL skips what a login may not vacuum, with a warning (class 01) and no error. */
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

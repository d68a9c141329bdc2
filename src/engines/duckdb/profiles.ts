import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { DuckDBConnection } from '@duckdb/node-api';

import { type PlainPaths, quotedPath } from '../../lake/files/plain-paths.ts';
import { literal } from '../../medallion/sql/text.ts';

/** What a statement's profile says: of the statement, and of each operator in its plan. */
const METRICS = [
  'QUERY_NAME',
  'LATENCY',
  'CPU_TIME',
  'PLANNER',
  'ALL_OPTIMIZERS',
  'PHYSICAL_PLANNER',
  'OPERATOR_TYPE',
  'OPERATOR_NAME',
  'OPERATOR_TIMING',
  'OPERATOR_CARDINALITY',
  'EXTRA_INFO',
];

/**
 * Has DuckDB profile every statement of a connection. Answers what is to be called after each: it
 * keeps the statement's profile as the next number below `folder`. DuckDB has one file for all, and
 * a profile of its own for what an appender hands over; those are not kept.
 */
export async function keepProfiles(
  connection: DuckDBConnection,
  folder: string,
  paths: PlainPaths,
): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const newest = join(folder, 'newest.json');
  const metrics = Object.fromEntries(METRICS.map((metric) => [metric, 'true']));
  // First, since the name's end must fit the format that is set.
  await connection.run(`set enable_profiling = 'json'`);
  await connection.run(`set profiling_output = ${quotedPath(paths.target(newest))}`);
  await connection.run(`set profiling_coverage = 'all'`);
  await connection.run(`set custom_profiling_settings = ${literal(JSON.stringify(metrics))}`);
  let kept = 0;
  return async () => {
    kept += 1;
    await rename(newest, join(folder, `${String(kept).padStart(4, '0')}.json`));
  };
}

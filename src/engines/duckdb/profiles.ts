import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { DuckDBConnection } from '@duckdb/node-api';

import { type PlainPaths, quotedPath } from '../../lake/files/plain-paths.ts';
import { literal } from '../../medallion/sql/text.ts';

/** Metrics of a profile, for the statement and for each operator in its plan. */
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
 * Turns on profiling for every statement of a connection. The returned function must be called
 * after each statement: it saves the profile below `folder` under the next number. DuckDB writes
 * all profiles to one file, those of appenders included; the profiles of appenders are not saved.
 */
export async function keepProfiles(
  connection: DuckDBConnection,
  folder: string,
  paths: PlainPaths,
): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const newest = join(folder, 'newest.json');
  const metrics = Object.fromEntries(METRICS.map((metric) => [metric, 'true']));
  // Set first: DuckDB checks the file ending against the format that is set.
  await connection.run(`set enable_profiling = 'json'`);
  await connection.run(`set profiling_output = ${quotedPath(paths.target(newest))}`);
  await connection.run(`set profiling_coverage = 'all'`);
  await connection.run(`set custom_profiling_settings = ${literal(JSON.stringify(metrics))}`);
  let saved = 0;
  return async () => {
    saved += 1;
    await rename(newest, join(folder, `${String(saved).padStart(4, '0')}.json`));
  };
}

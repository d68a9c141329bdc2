import { fileURLToPath } from 'node:url';
import { measure } from '../measure.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Another way to append the same rows to the same staging table. */
export type Other = { name: string; title: string; script: string; args: readonly string[] };

export const OTHERS: readonly Other[] = [
  {
    name: 'jdbc',
    title: 'Spark JDBC append, reWriteBatchedInserts',
    script: 'jdbc_append.py',
    args: [],
  },
  { name: 'to_sql', title: 'pandas.to_sql', script: 'to_sql.py', args: ['each'] },
  {
    name: 'to_sql_multi',
    title: "pandas.to_sql, method='multi'",
    script: 'to_sql.py',
    args: ['multi'],
  },
];

/**
 * Appends the first six columns of the file to staging. Returns the seconds of the append alone,
 * without start-up and without reading the file.
 */
export async function append(
  { script, args }: Other,
  given: { url: string; file: string; folder: string },
): Promise<number> {
  const { stdout } = await measure({
    file: here('../../.venv-bench/bin/python'),
    args: [here(script), given.file, ...args],
    cwd: given.folder,
    env: {
      BENCH_DATABASE: given.url,
      JDBC_JAR: here('../../.venv-bench/jars/postgresql-42.7.4.jar'),
    },
  });
  return Number(stdout.trim().split('\n').at(-1));
}

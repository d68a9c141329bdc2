import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export type Statement = { name: string; sql: string; dialect: 'trino' | 'hive' };
export type Checked = { name: string; faults: string[]; duckdb: string };

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * Returns the errors of a Trino parser and of Athena's dialect, and the statements translated to
 * DuckDB's dialect.
 */
export async function checkSql(statements: readonly Statement[]): Promise<Checked[]> {
  const child = spawn(file('.venv/bin/python'), [file('test/athena/check.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(statements));
  return JSON.parse(await text(child.stdout)) as Checked[];
}

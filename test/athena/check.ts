import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export type Statement = { name: string; sql: string; dialect: 'trino' | 'hive' };
export type Checked = { name: string; faults: string[]; duckdb: string };

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * What a Trino parser and Athena's dialect find wrong with statements, and how DuckDB would put
 * them.
 */
export async function checkSql(statements: readonly Statement[]): Promise<Checked[]> {
  const child = spawn(file('.venv/bin/python'), [file('test/athena/check.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(statements));
  return JSON.parse(await text(child.stdout)) as Checked[];
}

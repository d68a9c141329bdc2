import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs a script that installs what the benchmark needs, or reports what is missing. The path is
 * relative to this folder.
 */
export function install(script: string): void {
  const path = fileURLToPath(new URL(script, import.meta.url));
  execFileSync('bash', [path], { stdio: ['ignore', 'inherit', 'inherit'] });
}

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs a script that lays out what the bench needs, or names it; the path is relative to this
 * folder.
 */
export function install(script: string): void {
  const path = fileURLToPath(new URL(script, import.meta.url));
  execFileSync('bash', [path], { stdio: ['ignore', 'inherit', 'inherit'] });
}

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPTS = ['install-test-servers.sh', 'install-test-python.sh'];

/**
 * The servers and the Python packages that tests use are there before the first test: installed
 * where they can be, else named.
 */
export function setup(): void {
  for (const script of SCRIPTS) {
    const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
    execFileSync(path, { stdio: ['ignore', 'inherit', 'inherit'] });
  }
}

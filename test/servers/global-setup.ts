import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPTS = ['install-test-servers.sh', 'install-test-python.sh'];

/**
 * Ensures that the servers and Python packages of the tests are installed before the first test;
 * reports those that cannot be installed.
 */
export function setup(): void {
  for (const script of SCRIPTS) {
    const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
    execFileSync(path, { stdio: ['ignore', 'inherit', 'inherit'] });
  }
}

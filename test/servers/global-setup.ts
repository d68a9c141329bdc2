import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../scripts/install-test-servers.sh', import.meta.url));

/** The database servers that tests start are there before the first test: installed where they can be, else named. */
export function setup(): void {
  execFileSync(SCRIPT, { stdio: ['ignore', 'inherit', 'inherit'] });
}

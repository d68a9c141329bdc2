// Writes dist/pglite-<version>.tar.gz, from which the first run on a new lake fills its serving
// database. The name holds the version, so an existing file of that name is current and is kept.
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pgliteSeed, SEED_FILE } from '../src/warehouses/pglite/seed.ts';

const dist = new URL('../dist/', import.meta.url);
const target = fileURLToPath(new URL(SEED_FILE, dist));

if (!existsSync(target)) {
  await mkdir(dist, { recursive: true });
  await writeFile(`${target}.new`, await pgliteSeed());
  await rename(`${target}.new`, target);
}

import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

import { BRONZE } from '../../lake/layout.ts';
import type { Store } from '../../lake/ports/store.ts';
import { packageFolder } from '../wiring/wiring.ts';

/**
 * Copies the package's sample files into a lake's bronze, atomically; existing objects are kept.
 */
export async function copySamples(store: Store): Promise<void> {
  const from = join(packageFolder(), 'samples', 'bronze');
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const key = path.slice(from.length + 1).replaceAll(sep, '/');
    await store.create(`${BRONZE}${key}`, await readFile(path));
  }
}

import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';

import { packageFolder } from './wiring.ts';

/** Copies the package's sample files into a lake's bronze folder, leaving alone what is there already. */
export async function copySamples(lake: string): Promise<void> {
  const from = join(packageFolder(), 'samples', 'bronze');
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = join(lake, 'bronze', path.slice(from.length + 1));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(path, target, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

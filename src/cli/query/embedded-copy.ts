import { chmod, cp, readdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '../wiring/scratch.ts';

/** The folder in which an embedded database is opened; `remove` deletes it if it is a copy. */
export type OpenedFolder = { folder: string; remove(): Promise<void> };

/**
 * Returns a folder that readers can open: the database's own, or a copy if this user cannot write
 * it, since opening a database writes into its folder.
 */
export async function openableFolder(folder: string): Promise<OpenedFolder> {
  const { isWritable } = await import('../../stores/filesystem/lock.ts');
  if (!existsSync(folder) || (await isWritable(folder))) return { folder, remove: async () => {} };
  const scratch = await temporaryFolder('embedded');
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    const copy = join(scratch, 'copy');
    await cp(folder, copy, { recursive: true });
    // cp copies the modes too.
    await chmod(copy, 0o700);
    for (const entry of await readdir(copy, { recursive: true, withFileTypes: true }))
      await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
    return { folder: copy, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

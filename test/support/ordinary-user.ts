import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Numbers of a user and a group that no system gives rights to. */
const NOBODY = 65_534;

/**
 * Does something without the rights of root, where the tests have these: to root no file is
 * unreadable. Nothing else may be under way in this process.
 */
export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Gives such a user a folder and all that is in it. */
export async function ofOrdinaryUser(folder: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  await chown(folder, NOBODY, NOBODY);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), NOBODY, NOBODY);
}

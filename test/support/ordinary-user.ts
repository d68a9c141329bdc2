import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A user and a group id without any privileges. */
const NOBODY = 65_534;

/**
 * Runs a callback without root privileges if the tests have them: root can read every file. No
 * other work may be in progress in this process.
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

/** Makes such a user the owner of a folder and its content. */
export async function ofOrdinaryUser(folder: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  await chown(folder, NOBODY, NOBODY);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), NOBODY, NOBODY);
}

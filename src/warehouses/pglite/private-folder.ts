import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = 0o700;
const FILE = 0o600;

/**
 * Creates the folder if it is missing, accessible to its owner only from the start; closes an
 * existing one to other users.
 */
export async function privateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: FOLDER });
  if (process.platform !== 'win32') await chmod(folder, FOLDER).catch(unlessPermitted);
}

/**
 * Closes every file below the folder to other users: files 0600, folders 0700. WebAssembly unpacks
 * files as 0666 under any umask. The thousand files of a database take 10 ms; links are skipped.
 */
export function closeToOthers(folder: string): void {
  if (process.platform === 'win32') return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) closeToOthers(path);
    if (!entry.isDirectory() && !entry.isFile()) continue;
    const wanted = entry.isDirectory() ? FOLDER : FILE;
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined || (stats.mode & 0o777) === wanted) continue;
    try {
      chmodSync(path, wanted);
    } catch (error) {
      unlessPermitted(error);
    }
  }
}

/** Ignores an error of chmod by another user: only the owner may change a mode. */
function unlessPermitted(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EPERM' && code !== 'ENOENT') throw error;
}

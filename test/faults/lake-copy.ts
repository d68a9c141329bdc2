import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Copies a lake without its bronze objects. */
export async function copyOf(root: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await createdFolders(root))
    await cp(join(root, name), join(to, name), { recursive: true, preserveTimestamps: true });
}

/** Restores a lake from the copy; bronze stays as it is. */
export async function replaceBy(root: string, copy: string): Promise<void> {
  for (const name of await createdFolders(root)) await rm(join(root, name), { recursive: true });
  await copyOf(copy, root);
}

const createdFolders = async (root: string): Promise<string[]> =>
  (await readdir(root)).filter((name) => name !== 'bronze');

/** The bytes of every file of a lake except bronze, by path. */
export async function filesOf(root: string, folder = ''): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (path === 'bronze') continue;
    if (entry.isDirectory())
      for (const [inner, bytes] of await filesOf(root, path)) found.set(inner, bytes);
    else found.set(path, await readFile(join(root, path)));
  }
  return found;
}

/** Files that no reader and no later run uses: unfinished files of a process. */
export const isUnfinished = (path: string): boolean => /^_(tmp|scratch)\//.test(path);

/** The content of all files as one text. */
export function digestOf(files: ReadonlyMap<string, Buffer>, more: string): string {
  const hash = createHash('sha256').update(more);
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`\n${path} ${bytes.length}\n`).update(bytes);
  return hash.digest('hex');
}

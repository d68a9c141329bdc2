import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskFailed } from '../../errors.ts';

/** Files that are fetched at once; each in several ranges. */
const AT_ONCE = 8;

type Folder = { bytes: number; files: Map<string, Promise<string>> };

export type Fetch = (path: string, room: (bytes: number) => void) => Promise<void>;

/**
 * Local copies of objects in the callers' scratch folders: each once per folder, a few at a time,
 * all within `budget` bytes. A folder that its caller removed returns its bytes. Error:
 * `DiskFailed` if an object does not fit.
 */
export function scratchFiles(budget: number) {
  const folders = new Map<string, Folder>();
  let busy = 0;
  const waiting: (() => void)[] = [];

  async function turn<T>(work: () => Promise<T>): Promise<T> {
    if (busy >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  }

  function take(folder: Folder, key: string, bytes: number): void {
    for (const path of folders.keys()) if (!existsSync(path)) folders.delete(path);
    const held = [...folders.values()].reduce((sum, each) => sum + each.bytes, 0);
    if (held + bytes > budget)
      throw new DiskFailed(
        `${key} has ${bytes} bytes, but scratch files hold ${held} of ${budget} bytes already.`,
        {
          hint: 'Give the run a larger scratch disk, or let Glue do it: fewer bytes in clusterBytes.',
        },
      );
    folder.bytes += bytes;
  }

  async function fetched(folder: Folder, key: string, path: string, fetch: Fetch): Promise<string> {
    let taken = 0;
    const room = (bytes: number): void => {
      take(folder, key, bytes - taken);
      taken = bytes;
    };
    try {
      await turn(() => fetch(path, room));
      return path;
    } catch (error) {
      folder.bytes -= taken;
      folder.files.delete(key);
      await rm(path, { force: true });
      throw error;
    }
  }

  return async (key: string, scratch: string, fetch: Fetch): Promise<string> => {
    await mkdir(scratch, { recursive: true });
    const folder = folders.get(scratch) ?? { bytes: 0, files: new Map() };
    folders.set(scratch, folder);
    // Not named after the key: a part of it may be too long for a file name, or have a meaning to a
    // file system.
    const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
    const file = folder.files.get(key) ?? fetched(folder, key, join(scratch, name), fetch);
    folder.files.set(key, file);
    return file;
  };
}

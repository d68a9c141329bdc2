import { constants } from 'node:fs';
import { copyFile, link, lstat, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Store } from '../../lake/ports/store.ts';
import { codeOf, ifThere } from './disk.ts';
import { namesOf, refused } from './keys.ts';
import { syncFolder } from './places.ts';
import type { Places } from './places.ts';

type Content = Parameters<Store['put']>[1];
type Publish = (temp: string, target: string) => Promise<void>;

/** Temporary files of a killed process are removed once they are a day old. */
const STALE_NS = 86_400n * 1_000_000_000n;

/** How often a folder may be taken away under a writer by removers of its neighbours. */
const MAX_TRIES = 10;

/** Puts finished files in place: `create` by an exclusive link, `replace` by a rename. */
export function writing(at: Places) {
  let swept = false;
  let temps = 0;

  async function publish(key: string, content: Content, how: Publish): Promise<void> {
    const folder = await at.makeFolder(['_tmp'], key);
    const temp = await writeTemp(() => join(folder, `${process.pid}-${temps++}`), content);
    try {
      if (!swept) await sweep(folder, temp);
      swept = true;
      await intoPlace(key, temp, how);
    } finally {
      await rm(temp, { force: true });
    }
  }

  async function intoPlace(key: string, temp: string, how: Publish): Promise<void> {
    const names = namesOf(key);
    for (let tries = 1; ; tries += 1) {
      try {
        const parent = await at.makeFolder(names.slice(0, -1), key);
        await how(temp, join(parent, names.at(-1) ?? ''));
        return await syncFolder(parent);
      } catch (error) {
        if (codeOf(error) === 'ENOENT' && tries < MAX_TRIES) continue;
        throw error;
      }
    }
  }

  return {
    async create(key: string, content: Content): Promise<boolean> {
      // Most creators that lose do so long after the winner: spare them the copy.
      if ((await at.object(key)) !== undefined) return false;
      try {
        await publish(key, content, (temp, target) =>
          link(temp, target).catch(explain(key, target)),
        );
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      }
    },

    async replace(key: string, content: Content): Promise<void> {
      await at.object(key);
      await publish(key, content, (temp, target) =>
        rename(temp, target).catch(explain(key, target)),
      );
    },

    async remove(key: string): Promise<void> {
      const found = await at.object(key);
      if (found === undefined) return;
      await rm(found.path, { force: true });
      await syncFolder(dirname(found.path));
      await pruneFolders(found.path, namesOf(key).length - 2);
    },
  };
}

/** A new file with the content, on disk before it gets its name. One that a killed process left under a name keeps it. */
async function writeTemp(nextName: () => string, content: Content): Promise<string> {
  for (;;) {
    const temp = nextName();
    try {
      await fill(temp, content);
      return temp;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      await rm(temp, { force: true });
      throw error;
    }
  }
}

async function fill(temp: string, content: Content): Promise<void> {
  if ('file' in content) {
    await copyFile(content.file, temp, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await using handle = await open(temp, 'r');
    await handle.sync();
    return;
  }
  await using handle = await open(temp, 'wx');
  await handle.writeFile(content);
  await handle.sync();
}

// Age is measured by the file system's own clock: the newest file against the others.
async function sweep(folder: string, newest: string): Promise<void> {
  const { mtimeNs: now } = await stat(newest, { bigint: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stats = await ifThere(lstat(path, { bigint: true }));
    if (stats !== undefined && now - stats.mtimeNs > STALE_NS)
      await rm(path, { force: true, recursive: true });
  }
}

/** Takes away the folders that a removal left empty, save those at the root. */
async function pruneFolders(path: string, levels: number): Promise<void> {
  let folder = dirname(path);
  for (let left = levels; left > 0; left -= 1) {
    try {
      await rmdir(folder);
    } catch {
      return; // not empty, or gone already
    }
    folder = dirname(folder);
  }
}

/** A name that is taken is an answer; a folder of that name, or an object where a folder should be, is a key that a disk cannot hold. */
function explain(key: string, target: string): (error: unknown) => Promise<never> {
  return async (error) => {
    const code = codeOf(error) ?? '';
    if (code === 'ENOTDIR') throw refused(key, 'needs a folder where there is an object', error);
    const taken = ['EEXIST', 'EISDIR', 'ENOTEMPTY', 'EPERM'].includes(code);
    const stats = taken ? await ifThere(lstat(target)) : undefined;
    throw stats?.isDirectory() ? refused(key, 'is the name of a folder', error) : error;
  };
}

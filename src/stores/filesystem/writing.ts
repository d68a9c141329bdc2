import { link, lstat, rename, rm, rmdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, ifExists } from './disk.ts';
import { refused } from '../../lake/files/object-keys.ts';
import { namesOf } from './keys.ts';
import { syncFolder } from './places.ts';
import type { Places } from './places.ts';
import { temporaries } from './temporaries.ts';
import type { Content } from './temporaries.ts';

type Publish = (temp: string, target: string) => Promise<void>;

/** How often a folder may be removed under a writer by concurrent removals. */
const MAX_TRIES = 10;

/** Puts finished files in place: `create` by an exclusive link, `replace` by a rename. */
export function writing(at: Places) {
  const withTemp = temporaries(at);

  async function publish(key: string, content: Content, how: Publish): Promise<void> {
    await withTemp(key, content, (temp) => intoPlace(at, key, (target) => how(temp, target)));
  }

  return {
    async create(key: string, content: Content): Promise<boolean> {
      // Most creators that lose do so long after the winner: checking first saves them the copy.
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

    async replace(key: string, content: Content, modified?: number): Promise<void> {
      await at.object(key);
      await publish(key, content, async (temp, target) => {
        if (modified !== undefined) await utimes(temp, modified, modified);
        await rename(temp, target).catch(explain(key, target));
      });
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

async function intoPlace(
  at: Places,
  key: string,
  how: (target: string) => Promise<void>,
): Promise<void> {
  const names = namesOf(key);
  for (let tries = 1; ; tries += 1) {
    try {
      const parent = await at.makeFolder(names.slice(0, -1), key);
      await how(join(parent, names.at(-1) ?? ''));
      return await syncFolder(parent);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' && tries < MAX_TRIES) continue;
      throw error;
    }
  }
}

/** Removes the folders that a removal left empty, except those at the root. */
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

/**
 * Interprets an error of a link or rename: a taken name is an expected result; a folder with that
 * name, or an object in place of a folder, is a key that a disk cannot hold.
 */
function explain(key: string, target: string): (error: unknown) => Promise<never> {
  return async (error) => {
    const code = codeOf(error) ?? '';
    if (code === 'ENOTDIR')
      throw refused(key, 'needs a folder where an object already exists', error);
    const taken = ['EEXIST', 'EISDIR', 'ENOTEMPTY', 'EPERM'].includes(code);
    const stats = taken ? await ifExists(lstat(target)) : undefined;
    throw stats?.isDirectory() ? refused(key, 'is the name of a folder', error) : error;
  };
}

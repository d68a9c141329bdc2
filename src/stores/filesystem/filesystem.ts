import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ListOptions, ObjectInfo, Store } from '../../lake/ports/store.ts';
import { ifExists, onDisk } from './disk.ts';
import { objectMissing, refused } from '../../lake/files/object-keys.ts';
import { namesOf } from './keys.ts';
import { batches, infoOf } from './listing.ts';
import { places } from './places.ts';
import { writing } from './writing.ts';

/**
 * A lake in a folder. Every write is a finished, synced file that gets its name by a link or a
 * rename, so a kill at any moment leaves whole objects only. Hidden files and the laptop's own
 * folders are not objects; a link, pipe or device below the root is refused by name (`KeyRefused`),
 * unless a listing passes `onSkipped`: a file that is skipped silently would be missing from the
 * totals. Errors of the disk are `DiskFailed`. `swap` compares, then renames: between processes it
 * relies on the lake's lock.
 */
export function folderStore(root: string): Store {
  const at = places(root);
  const write = writing(at);

  async function head(key: string): Promise<ObjectInfo | undefined> {
    const found = await at.object(key);
    return found && infoOf(key, found.stats);
  }

  async function* list(prefix: string, options: ListOptions = {}) {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const names = folder === '' ? [] : namesOf(folder.slice(0, -1));
    const path = await at.folder(names, prefix);
    if (path === undefined) return;
    const top = await at.folder([], prefix);
    const after = options.after === undefined ? undefined : Buffer.from(options.after);
    const { onSkipped } = options;
    for await (const batch of batches(top ?? path, folder, { prefix, after, onSkipped }))
      yield* batch;
  }

  return {
    name: `folder ${root}`,
    list,
    head: (key) => onDisk(`look at ${key}`, () => head(key)),
    read: (key) => onDisk(`read ${key}`, async () => readWhole(key, (await at.object(key))?.path)),
    create: (key, content) => onDisk(`write ${key}`, () => write.create(key, content)),
    put: (key, content, options) =>
      onDisk(`write ${key}`, () => write.replace(key, content, options?.modified)),
    keepsTimes: true,
    swap: (key, content, etag) =>
      onDisk(`write ${key}`, async () => {
        if ((await head(key))?.etag !== etag) return false;
        await write.replace(key, content);
        return true;
      }),
    remove: (key) => onDisk(`remove ${key}`, () => write.remove(key)),
    local: async (key) => {
      const found = await onDisk(`look at ${key}`, () => at.object(key));
      if (found !== undefined) return found.path;
      throw objectMissing(key, `folder ${root}`);
    },
  };
}

// The flags prevent following a link, or waiting for a pipe, that replaces the file after the
// check.
async function readWhole(key: string, path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await ifExists(open(path, flags));
  if (handle === undefined) return undefined;
  await using file = handle;
  if (!(await file.stat()).isFile()) throw refused(key, 'is no longer a regular file');
  return await file.readFile();
}

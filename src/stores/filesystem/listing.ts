import type { BigIntStats, Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectInfo } from '../../lake/ports/store.ts';
import { ifThere } from './disk.ts';
import { isHidden, refused } from '../../lake/object-keys.ts';
import { isOwnFolder, namesOf } from './keys.ts';
import { plainFile } from './places.ts';

/** Files whose facts are asked for at once: enough to keep the four threads of Node's pool busy. */
const BATCH = 256;

type Entry = { key: string; bytes: Buffer; folder: boolean };
type Range = { prefix: string; after: Buffer | undefined };

/** `etag` changes with size, content time, change time or inode: a file edited within one second, or with its time put back, is seen. */
export function infoOf(key: string, stats: BigIntStats): ObjectInfo {
  const etag = [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join('-');
  return {
    key,
    size: Number(stats.size),
    etag,
    modified: Math.floor(Number(stats.mtimeNs / 1_000_000n) / 1000),
  };
}

/**
 * The objects of a folder whose keys start with the prefix, in batches, in byte order of the whole key.
 * A folder sorts as its name with a slash (`a-b`, `a.csv`, `a/b`), which makes the walk itself ordered:
 * nothing is held but the folders on the way, and folders before `after` are never opened.
 */
export async function* batches(
  top: string,
  folder: string,
  range: Range,
): AsyncGenerator<ObjectInfo[]> {
  let files: Entry[] = [];
  for (const entry of await entriesOf(top, folder, range)) {
    if (!entry.folder) files.push(entry);
    if (files.length === BATCH || entry.folder) {
      yield await infosOf(top, files);
      files = [];
    }
    if (entry.folder) yield* batches(top, entry.key, range);
  }
  yield await infosOf(top, files);
}

async function entriesOf(top: string, folder: string, range: Range): Promise<Entry[]> {
  const found = (await ifThere(readdir(join(top, folder), { withFileTypes: true }))) ?? [];
  return found
    .filter(({ name }) => !isHidden(name) && !(folder === '' && isOwnFolder(name)))
    .map((entry) => entryOf(folder, entry))
    .filter((entry) => inRange(entry, range))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes));
}

function entryOf(folder: string, found: Dirent): Entry {
  const key = folder + found.name;
  namesOf(key);
  const isFolder = found.isDirectory();
  const whole = isFolder ? `${key}/` : key;
  return { key: whole, bytes: Buffer.from(whole), folder: isFolder };
}

function inRange({ key, bytes, folder }: Entry, { prefix, after }: Range): boolean {
  if (!key.startsWith(prefix)) return false;
  if (after === undefined || Buffer.compare(bytes, after) > 0) return true;
  return folder && after.subarray(0, bytes.length).equals(bytes);
}

async function infosOf(top: string, files: Entry[]): Promise<ObjectInfo[]> {
  const infos = await Promise.all(files.map(({ key }) => listed(top, key)));
  return infos.filter((info) => info !== undefined);
}

async function listed(top: string, key: string): Promise<ObjectInfo | undefined> {
  const stats = await plainFile(join(top, key), key);
  if (stats !== undefined) return infoOf(key, stats);
  // A file that went away since is no object. One whose name is no UTF-8 is shown with U+FFFD,
  // under which it cannot be found: it must not go missing silently.
  if (key.includes('\uFFFD')) throw refused(key, 'is shown for a file whose name is not UTF-8');
  return undefined;
}

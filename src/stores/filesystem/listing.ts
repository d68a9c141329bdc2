import type { BigIntStats, Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyRefused } from '../../errors.ts';
import { isHidden, refused } from '../../lake/files/object-keys.ts';
import type { ListOptions, ObjectInfo } from '../../lake/ports/store.ts';
import { ifExists, onDisk } from './disk.ts';
import { isOwnFolder, namesOf } from './keys.ts';
import { plainFile } from './places.ts';
import { orSkipped } from './skipping.ts';

/** Files whose facts are requested at once: enough to keep the four threads of Node's pool busy. */
const BATCH = 256;

type Entry = { key: string; bytes: Buffer; folder: boolean; fault?: KeyRefused };
type Range = { prefix: string; after: Buffer | undefined; onSkipped: ListOptions['onSkipped'] };

/**
 * Builds the facts of an object. `etag` changes with size, content time, change time or inode: a
 * file edited within one second, or with its time reset, is detected.
 */
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
 * Lists the objects of a folder whose keys start with the prefix, in batches, in byte order of the
 * whole key. A folder sorts as its name with a slash (`a-b`, `a.csv`, `a/b`), so the walk itself is
 * ordered: only the folders on the way are held in memory, and folders before `after` are never
 * opened.
 */
export async function* batches(
  top: string,
  folder: string,
  range: Range,
): AsyncGenerator<ObjectInfo[]> {
  const entries = await entriesOf(top, folder, range);
  yield* below(top, entries, range);
}

async function* below(
  top: string,
  entries: readonly Entry[],
  range: Range,
): AsyncGenerator<ObjectInfo[]> {
  let files: Entry[] = [];
  for (const entry of entries) {
    if (!entry.folder) files.push(entry);
    if (files.length === BATCH || entry.folder) {
      yield await infosOf(top, files, range);
      files = [];
    }
    if (!entry.folder) continue;
    const inside = await orSkipped(range, entry.key, () => insideOf(top, entry, range));
    if (inside !== undefined) yield* below(top, inside, range);
  }
  yield await infosOf(top, files, range);
}

async function insideOf(top: string, { key, fault }: Entry, range: Range): Promise<Entry[]> {
  if (fault !== undefined) throw fault;
  return entriesOf(top, key, range);
}

async function entriesOf(top: string, folder: string, range: Range): Promise<Entry[]> {
  const found = await onDisk(`list ${folder}`, () =>
    ifExists(readdir(join(top, folder), { withFileTypes: true })),
  );
  if (found === undefined && folder.includes('\uFFFD')) throw notUtf8(folder);
  const entries = (found ?? [])
    .filter(({ name }) => !isHidden(name) && !(folder === '' && isOwnFolder(name)))
    .map((entry) => entryOf(folder, entry))
    .filter((entry) => inRange(entry, range))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes));
  // Two entries may have the same displayed name: the file is listed once.
  return entries.map((entry, at) =>
    entry.key === entries[at - 1]?.key ? { ...entry, fault: notUtf8(entry.key) } : entry,
  );
}

function entryOf(folder: string, found: Dirent): Entry {
  const key = folder + found.name;
  const isFolder = found.isDirectory();
  const whole = isFolder ? `${key}/` : key;
  const entry = { key: whole, bytes: Buffer.from(whole), folder: isFolder };
  try {
    namesOf(key);
    return entry;
  } catch (fault) {
    if (!(fault instanceof KeyRefused)) throw fault;
    return { ...entry, fault };
  }
}

function inRange({ key, bytes, folder }: Entry, { prefix, after }: Range): boolean {
  if (!key.startsWith(prefix)) return false;
  if (after === undefined || Buffer.compare(bytes, after) > 0) return true;
  return folder && after.subarray(0, bytes.length).equals(bytes);
}

async function infosOf(top: string, files: Entry[], range: Range): Promise<ObjectInfo[]> {
  const infos = await Promise.all(
    files.map((entry) => orSkipped(range, entry.key, () => listed(top, entry))),
  );
  return infos.filter((info) => info !== undefined);
}

async function listed(top: string, { key, fault }: Entry): Promise<ObjectInfo | undefined> {
  if (fault !== undefined) throw fault;
  const stats = await onDisk(`look at ${key}`, () => plainFile(join(top, key), key));
  if (stats !== undefined) return infoOf(key, stats);
  // A file that has since disappeared is not an object. A name that is not UTF-8 is shown with
  // U+FFFD, under which it cannot be found: it must not be skipped silently.
  if (key.includes('\uFFFD')) throw notUtf8(key);
  return undefined;
}

const notUtf8 = (key: string) => refused(key, 'is shown for a file whose name is not UTF-8');

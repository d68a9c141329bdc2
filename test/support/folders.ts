import { createHash } from 'node:crypto';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/** A new folder, which is removed when the running test has ended. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'purchases-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of a file, available from `beforeAll` on. */
export function sharedFolder(): { readonly folder: string } {
  const at = { folder: '' };
  beforeAll(async () => {
    at.folder = await mkdtemp(join(tmpdir(), 'purchases-test-'));
  });
  afterAll(() => rm(at.folder, { recursive: true, force: true }));
  return at;
}

/**
 * Writes a file into a lake's bronze with a last-modified time of its own, which decides the order
 * of arrival.
 */
export async function putBronze(
  lake: string,
  key: string,
  content: string | Buffer,
  modified = '2026-10-20T00:00:00Z',
): Promise<void> {
  const path = join(lake, 'bronze', key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await utimes(path, new Date(modified), new Date(modified));
}

/**
 * A lake with the same bronze and reference rates as another, last-modified times too, and no
 * results yet.
 */
export async function sameBronze(lake: string, target: string): Promise<void> {
  for (const layer of ['bronze', 'reference'])
    await cp(join(lake, layer), join(target, layer), {
      recursive: true,
      preserveTimestamps: true,
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
}

/** Every file below a folder with its size and last-modified time, except those below `except`. */
export async function listing(
  folder: string,
  except: readonly string[] = [],
): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const key = path.slice(folder.length + 1).replaceAll(sep, '/');
    if (entry.isDirectory() || except.some((prefix) => key.startsWith(prefix))) continue;
    const { size, mtimeMs } = await stat(path);
    found.push([key, `${size} bytes at ${mtimeMs}`]);
  }
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The SHA-256 of every file below a folder. */
export async function digests(folder: string): Promise<Record<string, string>> {
  const found = Object.keys(await listing(folder)).map(async (key) => {
    const bytes = await readFile(join(folder, key));
    return [key, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

import type { BigIntStats } from 'node:fs';
import { lstat, mkdir, open, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { codeOf, ifExists } from './disk.ts';
import { refused } from '../../lake/files/object-keys.ts';
import { namesOf } from './keys.ts';

/**
 * The location of keys on disk. No link is ever followed below the root; the root itself may be
 * one.
 */
export type Places = {
  /** Returns the folder's absolute path, or undefined if it does not exist. */
  folder(names: string[], key: string): Promise<string | undefined>;
  /** The same; creates the folder if it is missing. */
  makeFolder(names: string[], key: string): Promise<string>;
  /** Returns the object's path and facts, or undefined if it does not exist. */
  object(key: string): Promise<{ path: string; stats: BigIntStats } | undefined>;
};

export function places(root: string): Places {
  let top: string | undefined;

  async function folder(names: string[], key: string): Promise<string | undefined> {
    top ??= await ifExists(realpath(resolve(root)));
    if (top === undefined) return undefined;
    const path = join(top, ...names);
    const real = await ifExists(realpath(path));
    if (real !== undefined && real !== path) throw refused(key, `runs through a link to ${real}`);
    return real;
  }

  async function makeFolder(names: string[], key: string): Promise<string> {
    const there = await folder(names, key);
    if (there !== undefined) return there;
    await mkdir(resolve(root), { recursive: true });
    top ??= await realpath(resolve(root));
    let path = top;
    for (const name of names) path = await makeOne(path, name, key);
    return path;
  }

  async function object(key: string) {
    const names = namesOf(key);
    const parent = await folder(names.slice(0, -1), key);
    if (parent === undefined) return undefined;
    const path = join(parent, names.at(-1) ?? '');
    const stats = await plainFile(path, key);
    return stats && { path, stats };
  }

  return { folder, makeFolder, object };
}

/**
 * Returns the facts of a regular file; undefined if it is missing or a folder, which is not an
 * object. Links, pipes and devices are refused.
 */
export async function plainFile(path: string, key: string): Promise<BigIntStats | undefined> {
  const stats = await ifExists(lstat(path, { bigint: true }));
  if (stats === undefined || stats.isDirectory()) return undefined;
  if (!stats.isFile()) throw refused(key, `is not a regular file (link, pipe or device): ${path}`);
  return stats;
}

/**
 * Makes changes of a folder (names, not content) survive a power cut. A folder that was removed
 * meanwhile, being empty, needs no sync.
 */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and journals names itself
  if (process.platform === 'win32') return;
  const handle = await ifExists(open(path, 'r'));
  if (handle === undefined) return;
  await using folder = handle;
  await folder.sync();
}

// One level at a time: a recursive mkdir would follow a link and create folders outside the root.
async function makeOne(parent: string, name: string, key: string): Promise<string> {
  const path = join(parent, name);
  try {
    await mkdir(path);
    await syncFolder(parent);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const stats = await lstat(path);
    if (!stats.isDirectory()) throw refused(key, `has ${path} in its way, which is not a folder`);
  }
  return path;
}

import type { BigIntStats } from 'node:fs';
import { lstat, mkdir, open, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { codeOf, ifThere } from './disk.ts';
import { refused } from '../../lake/files/object-keys.ts';
import { namesOf } from './keys.ts';

/** Where keys lie on disk. No link is ever followed below the root; the root itself may be one. */
export type Places = {
  /** The folder's absolute path, or undefined where there is none. */
  folder(names: string[], key: string): Promise<string | undefined>;
  /** The same, made where it is missing. */
  makeFolder(names: string[], key: string): Promise<string>;
  /** The object's path and facts, or undefined where there is none. */
  object(key: string): Promise<{ path: string; stats: BigIntStats } | undefined>;
};

export function places(root: string): Places {
  let top: string | undefined;

  async function folder(names: string[], key: string): Promise<string | undefined> {
    top ??= await ifThere(realpath(resolve(root)));
    if (top === undefined) return undefined;
    const path = join(top, ...names);
    const real = await ifThere(realpath(path));
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
 * The facts of a plain file; undefined for nothing or a folder, which is no object; links, pipes
 * and devices are refused.
 */
export async function plainFile(path: string, key: string): Promise<BigIntStats | undefined> {
  const stats = await ifThere(lstat(path, { bigint: true }));
  if (stats === undefined || stats.isDirectory()) return undefined;
  if (!stats.isFile()) throw refused(key, `is no plain file but a link, pipe or device (${path})`);
  return stats;
}

/**
 * Makes what was written to a folder (names, not content) survive a power cut. One that was taken
 * away since, being empty, has nothing to keep.
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows opens no folder, and journals names by itself
  const handle = await ifThere(open(path, 'r'));
  if (handle === undefined) return;
  await using folder = handle;
  await folder.sync();
}

// One at a time, as a recursive mkdir would walk through a link and make folders outside the root.
async function makeOne(parent: string, name: string, key: string): Promise<string> {
  const path = join(parent, name);
  try {
    await mkdir(path);
    await syncFolder(parent);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const stats = await lstat(path);
    if (!stats.isDirectory()) throw refused(key, `has ${path} in its way, which is no folder`);
  }
  return path;
}

import fs from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';
import type { Tripwire } from './tripwire.ts';

const real = { ...fs };

/** Watched files: those below `root` belong to the process of `wire`. */
let watched: { root: string; wire: Tripwire } | undefined;

/**
 * While `work` runs, every change of a file below `root` is an effect of the process. Node's own
 * module is wrapped, so the code under test is the code that ships.
 */
export async function watchingFiles<T>(
  root: string,
  wire: Tripwire,
  work: () => Promise<T>,
): Promise<T> {
  const before = watched;
  watched = { root, wire };
  Object.assign(fs, wrapped);
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    watched = before;
    if (before === undefined) Object.assign(fs, real);
    syncBuiltinESMExports();
  }
}

/**
 * The wire for a path, and the name of the effect: its path in the lake, without the parts that
 * differ from run to run.
 */
function at(verb: string, path: unknown): { wire: Tripwire; name: string } | undefined {
  if (watched === undefined || typeof path !== 'string') return undefined;
  const place = relative(watched.root, path);
  return place.startsWith('..') ? undefined : { wire: watched.wire, name: `${verb} ${place}` };
}

const exists = (path: string): Promise<boolean> =>
  real.lstat(path).then(
    () => true,
    () => false,
  );

/** An atomic effect on one path: done completely or not at all. */
const whole =
  <Rest extends unknown[], T>(verb: string, does: (path: string, ...rest: Rest) => Promise<T>) =>
  (path: string, ...rest: Rest): Promise<T> => {
    const found = at(verb, path);
    const work = (): Promise<T> => does(path, ...rest);
    return found === undefined ? work() : found.wire.effect(found.name, work);
  };

/** The same from one path to another; the name is that of the second path. */
const moved =
  (verb: string, does: (from: string, to: string) => Promise<void>) =>
  (from: string, to: string): Promise<void> =>
    whole(verb, (path: string) => does(from, path))(to);

async function copyFile(from: string, to: string, mode?: number): Promise<void> {
  const found = at('copy to', to);
  const work = (): Promise<void> => real.copyFile(from, to, mode);
  if (found === undefined) return work();
  await found.wire.effect(found.name, work, async () => {
    const bytes = await real.readFile(from);
    await real.writeFile(to, bytes.subarray(0, Math.floor(bytes.length / 2)));
  });
}

async function writeFile(path: string, data: string | Uint8Array): Promise<void> {
  const found = at('write', path);
  if (found === undefined) return real.writeFile(path, data);
  const torn = (): Promise<void> => real.writeFile(path, firstHalf(data));
  await found.wire.effect(found.name, () => real.writeFile(path, data), torn);
}

async function open(path: string, flags?: string | number, mode?: number): Promise<FileHandle> {
  const found = flags === 'wx' ? at('make', path) : undefined;
  const opened = (): Promise<FileHandle> => real.open(path, flags, mode);
  if (found === undefined) return opened();
  const { wire, name } = found;
  const handle = await openedOrClosed(opened, (work) => wire.effect(name, work));
  const write = handle.writeFile.bind(handle);
  handle.writeFile = (data) =>
    wire.effect(
      name.replace('make', 'fill'),
      () => write(data),
      () => write(firstHalf(data as Uint8Array)),
    );
  return handle;
}

/** A process that dies once it has opened a file leaves no open file behind. */
async function openedOrClosed(
  opened: () => Promise<FileHandle>,
  effect: (work: () => Promise<FileHandle>) => Promise<FileHandle>,
): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    return await effect(async () => (handle = await opened()));
  } catch (error) {
    await handle?.close();
    throw error;
  }
}

const firstHalf = (data: string | Uint8Array): Uint8Array => {
  const bytes = Buffer.from(data as Uint8Array);
  return bytes.subarray(0, Math.floor(bytes.length / 2));
};

async function rm(path: string, options?: { force?: boolean; recursive?: boolean }): Promise<void> {
  // Removing a missing file is not an effect.
  const found = (await exists(path)) ? at('remove', path) : undefined;
  if (found === undefined) return real.rm(path, options);
  await found.wire.effect(found.name, () => real.rm(path, options));
}

async function mkdir(path: string, options?: { recursive?: boolean }): Promise<unknown> {
  const found = (await exists(path)) ? undefined : at('make folder', path);
  if (found === undefined) return real.mkdir(path, options);
  return found.wire.effect(found.name, () => real.mkdir(path, options));
}

async function rmdir(path: string): Promise<void> {
  const isEmpty = (await real.readdir(path)).length === 0;
  const found = isEmpty ? at('remove folder', path) : undefined;
  if (found === undefined) return real.rmdir(path);
  await found.wire.effect(found.name, () => real.rmdir(path));
}

const wrapped = {
  copyFile,
  writeFile,
  open,
  rm,
  mkdir,
  link: moved('link', real.link),
  rename: moved('rename to', real.rename),
  rmdir,
};

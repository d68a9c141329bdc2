import { DiskFailed } from '../../errors.ts';

const HINTS: Record<string, string> = {
  ENOSPC: 'Free some space and run again: no file was half written.',
  EDQUOT: 'Free some of the quota and run again: no file was half written.',
  EROFS: 'Choose a lake on a file system that can be written.',
  EACCES: 'Give this user the right to read and write the lake.',
  EPERM:
    'Give this user the right to read and write the lake; its file system must support hard links.',
  EMFILE: 'Raise the number of open files (ulimit -n) and run again.',
  ENFILE: 'Close other programs and run again: the system has no free file handle.',
  EIO: 'Check the disk: it failed to read or write.',
  EXDEV: 'Keep the whole lake on one file system: a folder below it is a mount of another.',
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Returns the promise's value, or undefined if the file or its folder does not exist. */
export async function ifExists<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * Runs one operation of the store; an error of the disk becomes a `DiskFailed` that names the key.
 */
export async function onDisk<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const hint = HINTS[codeOf(error) ?? ''];
    if (!(error instanceof Error) || hint === undefined) throw error;
    throw new DiskFailed(`Cannot ${what}: ${error.message}.`, { hint, cause: error });
  }
}

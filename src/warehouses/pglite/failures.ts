import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiskFailed, PurchasesError, WarehouseDamaged } from '../../errors.ts';

/**
 * PostgreSQL allocates a whole segment of its log at once (16 MB): with less free space, the disk
 * is the cause.
 */
const LITTLE_BYTES = 24 * 1024 * 1024;
/**
 * WebAssembly blocks the event loop while it works: a call still pending after this long will never
 * return.
 */
const SILENCE_MS = 15_000;

/** Error numbers that WebAssembly's file system throws, by their POSIX names. */
const ERRNO: Record<number, keyof typeof HINTS> = {
  2: 'EACCES',
  19: 'ENOSPC', // EDQUOT
  29: 'EIO',
  33: 'EMFILE',
  41: 'EMFILE',
  51: 'ENOSPC',
  63: 'EACCES',
  69: 'EROFS',
};

const HINTS = {
  ENOSPC:
    'Free some space and run again: the table is unchanged, or the next run brings it up to date.',
  EACCES: 'Give this user the right to read and write the folder.',
  EROFS: 'Choose a folder on a file system that can be written: --warehouse pglite:FOLDER.',
  EMFILE: 'Raise the number of open files (ulimit -n) and run again.',
  EIO: 'Check the disk: it failed to read or write.',
};

const TEXTS: Record<keyof typeof HINTS, RegExp> = {
  ENOSPC: /No space left on device|ENOSPC|[Dd]isk quota exceeded|EDQUOT/,
  EACCES: /Permission denied|EACCES|EPERM/,
  EROFS: /Read-only file system|EROFS/,
  EMFILE: /Too many open files|EMFILE|ENFILE/,
  EIO: /Input\/output error|I\/O error|\bEIO\b/,
};

/** SQLSTATEs of damaged database files: data_corrupted, index_corrupted, undefined_file. */
const DAMAGE = new Set(['XX001', 'XX002', '58P01']);
const DISK_FULL = '53100';
/**
 * SQLSTATEs under which PostgreSQL reports errors of the system; messages of other codes may quote
 * any value.
 */
const OF_THE_SYSTEM = /^(?:53...|58...|42501|XX...)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Runs one call of the embedded database and classifies its failure: `DiskFailed` if the disk
 * refused (the cause may show only later, as an internal error of a database that could not write
 * its log), `WarehouseDamaged` if its files are broken. A database with a full disk may never
 * return: that is detected after some seconds.
 */
export async function onFolder<T>(
  folder: string,
  work: () => Promise<T>,
  { opening = false } = {},
): Promise<T> {
  const watch = watched(folder);
  try {
    return await Promise.race([work(), watch.silent]);
  } catch (error) {
    throw await classified(folder, error, opening);
  } finally {
    watch.end();
  }
}

function watched(folder: string): { silent: Promise<never>; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<never>((_, reject) => {
    const check = async (): Promise<void> => {
      if (await isFull(folder)) reject(diskFailed(folder, 'ENOSPC', 'it no longer responds'));
      else timer = setTimeout(() => void check(), SILENCE_MS);
    };
    timer = setTimeout(() => void check(), SILENCE_MS);
  });
  silent.catch(() => undefined);
  return { silent, end: () => clearTimeout(timer) };
}

async function classified(folder: string, error: unknown, opening: boolean): Promise<unknown> {
  // A refused query may have failed for a reason outside the query.
  const wrapped = error instanceof PurchasesError;
  const cause = wrapped ? error.cause : error;
  const code = codeOf(cause);
  const damage = code !== undefined && DAMAGE.has(code);
  if (wrapped && !damage && code !== DISK_FULL) return error;
  const why = diskReason(cause);
  if (why !== undefined) return diskFailed(folder, why, textOf(cause), cause);
  if (!damage && !opening && !isCrash(cause)) return error;
  if (await isFull(folder)) return diskFailed(folder, 'ENOSPC', textOf(cause), cause);
  return damaged(folder, textOf(cause), cause);
}

/** Builds the error of an embedded database that cannot be used. */
export function damaged(folder: string, why: string, cause?: unknown): WarehouseDamaged {
  return new WarehouseDamaged(`The embedded serving database in ${folder} is damaged: ${why}.`, {
    hint: 'Everything in it can be rebuilt from gold: `purchases repair` sets the folder aside (nothing is deleted) and builds a new one.',
    cause,
  });
}

function diskFailed(
  folder: string,
  why: keyof typeof HINTS,
  text: string,
  cause?: unknown,
): DiskFailed {
  return new DiskFailed(
    `The embedded serving database in ${folder} cannot use its disk: ${text}.`,
    { hint: HINTS[why], cause },
  );
}

function diskReason(error: unknown): keyof typeof HINTS | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code = codeOf(error) ?? '';
  if (code === DISK_FULL) return 'ENOSPC';
  if (SQLSTATE.test(code) && !OF_THE_SYSTEM.test(code)) return undefined;
  const errno = 'errno' in error ? ERRNO[Number(error.errno)] : undefined;
  if (errno !== undefined && !('syscall' in error)) return errno;
  const text = textOf(error);
  return (Object.keys(TEXTS) as (keyof typeof TEXTS)[]).find((name) => TEXTS[name].test(text));
}

const ERRNO_TEXTS: Record<keyof typeof HINTS, string> = {
  ENOSPC: 'no space left on device',
  EACCES: 'permission denied',
  EROFS: 'read-only file system',
  EMFILE: 'too many open files',
  EIO: 'input/output error',
};

function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const message = 'message' in error ? String(error.message) : '';
  if (message !== '' && message !== '[object Object]') return message.replace(/\.$/, '');
  const errno = 'errno' in error ? ERRNO[Number(error.errno)] : undefined;
  return errno === undefined ? 'an unknown failure' : ERRNO_TEXTS[errno];
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : undefined;
}

/** True if WebAssembly has ended, or PostgreSQL met a state that it considers impossible. */
function isCrash(error: unknown): boolean {
  if (codeOf(error) === 'XX000') return true;
  if (!(error instanceof Error)) return false;
  if ('severity' in error && error.severity === 'PANIC') return true;
  return /^(?:ErrnoError|ExitStatus|RuntimeError)$/.test(error.name);
}

/** True if the disk has too little free space for PostgreSQL to continue. */
async function isFull(folder: string): Promise<boolean> {
  for (const path of [folder, dirname(folder)])
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize < LITTLE_BYTES;
    } catch {
      continue;
    }
  return false;
}

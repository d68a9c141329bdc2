import { DiskFailed, EngineUnavailable, PurchasesError } from '../../errors.ts';
import { coloursFor } from './colours.ts';
import type { Io } from './io.ts';

/** Hints for system errors that any command may meet, by the code of Node's error. */
const SYSTEM: Record<string, string> = {
  ENOENT: 'Check the path: there is no such file or folder.',
  ENOTDIR: 'Check the path: a part of it is a file, where a folder is needed.',
  EEXIST: 'Check the path: a file is where a folder is needed.',
  EISDIR: 'Check the path: it is a folder, where a file is needed.',
  ENAMETOOLONG: 'Use a shorter path.',
  ELOOP: 'Check the path: its symbolic links form a loop.',
  EACCES: 'Grant this user access, or choose another path.',
  EPERM: 'Grant this user access, or choose another path.',
  EROFS: 'The file system is read-only: choose another path.',
  ENOSPC: 'Free some space and run the command again.',
  EDQUOT: 'Free some of the quota and run the command again.',
  EMFILE: 'Raise the number of open files (ulimit -n) and run the command again.',
  ENFILE: 'Close other programs: the system has no free file handle.',
  EIO: 'Check the disk: it failed to read or write.',
};

/** The error as one that the user can act on; undefined if it is a bug. */
export function knownFailure(error: unknown): PurchasesError | undefined {
  if (error instanceof PurchasesError) return error;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (LOADING.test(String(error.code))) return missingPackage(error);
  if (!('syscall' in error)) return undefined;
  const hint = SYSTEM[String(error.code)];
  return hint === undefined
    ? undefined
    : new DiskFailed(`${error.message}.`, { hint, cause: error });
}

const LOADING = /^(?:ERR_)?(?:MODULE_NOT_FOUND|DLOPEN_FAILED)$/;

/** Describes a package that is not installed, or whose library this system cannot load. */
function missingPackage(error: Error): EngineUnavailable {
  const name = /Cannot find (?:module|package) '([^']+)'/.exec(error.message)?.[1];
  const here = `${process.platform}-${process.arch}`;
  const message =
    name === undefined
      ? `A library of this installation does not load on ${here}: ${error.message}.`
      : `This installation lacks ${name}, which it needs on ${here}.`;
  return new EngineUnavailable(message, {
    hint: 'Install purchases again on this machine, with optional packages: npm install --include=optional. A node_modules folder from another system, or installed with --omit=optional, has no engine for this one.',
    cause: error,
  });
}

/**
 * Formats an error: its name, message and hint. Lines after the first are indented, so that a value
 * with a line end never looks like a separate message. A bug is reported as an internal error; its
 * stack is printed only if PURCHASES_DEBUG is set.
 */
export function failureText(io: Pick<Io, 'env' | 'stderr'>, error: unknown): string {
  const { red } = coloursFor(io, io.stderr);
  const known = knownFailure(error);
  const stack = error instanceof Error ? stackOf(error) : undefined;
  const debug = (io.env['PURCHASES_DEBUG'] ?? '') !== '' && stack !== undefined ? [stack] : [];
  if (known !== undefined)
    return lines([`${red(`${known.name}:`)} ${indented(known.message)}`, known.hint, ...debug]);
  return lines([
    `${red('Internal error:')} ${indented(messageOf(error))}`,
    'This is a bug in purchases, not a fault of your data; nothing half-written is visible.',
    debug.length > 0
      ? undefined
      : 'Run the command again with PURCHASES_DEBUG=1 and report what it prints.',
    ...debug,
  ]);
}

const lines = (parts: readonly (string | undefined)[]): string =>
  parts
    .filter((part) => part !== undefined)
    .map((part) => `${part}\n`)
    .join('');

/**
 * Indents all lines after the first by the same amount, so that a caret below a line of SQL keeps
 * its column. Messages with lists are indented already.
 */
function indented(message: string): string {
  const [first = '', ...more] = message.trimEnd().split('\n');
  const apart = more.every((line) => line === '' || line.startsWith('  '));
  return [first, ...(apart ? more : more.map((line) => (line === '' ? line : `  ${line}`)))].join(
    '\n',
  );
}

/** The message of any thrown value. Some libraries throw values that are no `Error`. */
function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  if (typeof error === 'object' && error !== null && 'message' in error)
    return String(error.message);
  if (typeof error !== 'object' || error === null) return String(error);
  try {
    return JSON.stringify(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}

/** The stack of the error and of its causes. */
function stackOf(error: Error): string {
  const { cause } = error;
  const stack = error.stack ?? error.message;
  return cause instanceof Error && cause !== error
    ? `${stack}\nCaused by: ${stackOf(cause)}`
    : stack;
}

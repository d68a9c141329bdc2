import { DiskFailed, EngineUnavailable, PurchasesError } from '../../errors.ts';
import { coloursFor } from './colours.ts';
import type { Io } from './io.ts';

/** What the system may refuse a command anywhere, by the code of Node's error. */
const SYSTEM: Record<string, string> = {
  ENOENT: 'Check the path: there is no such file or folder.',
  ENOTDIR: 'Check the path: a part of it is a file, where a folder is needed.',
  EEXIST: 'Check the path: a file is where a folder is needed.',
  EISDIR: 'Check the path: it is a folder, where a file is needed.',
  ENAMETOOLONG: 'Use a shorter path.',
  ELOOP: 'Check the path: its links lead in a circle.',
  EACCES: 'Give this user the right to it, or choose another path.',
  EPERM: 'Give this user the right to it, or choose another path.',
  EROFS: 'The file system is read-only: choose another path.',
  ENOSPC: 'Free some space and run the command again.',
  EDQUOT: 'Free some of the quota and run the command again.',
  EMFILE: 'Raise the number of open files (ulimit -n) and run the command again.',
  ENFILE: 'Close other programs: the system has no free file handle.',
  EIO: 'Check the disk: it failed to read or write.',
};

/**
 * The failure by its name where a user can act on it; undefined where it is a fault of the program.
 */
export function knownFailure(error: unknown): PurchasesError | undefined {
  if (error instanceof PurchasesError) return error;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (LOADING.test(String(error.code))) return incomplete(error);
  if (!('syscall' in error)) return undefined;
  const hint = SYSTEM[String(error.code)];
  return hint === undefined
    ? undefined
    : new DiskFailed(`${error.message}.`, { hint, cause: error });
}

const LOADING = /^(?:ERR_)?(?:MODULE_NOT_FOUND|DLOPEN_FAILED)$/;

/** A package that is not installed, or whose library this system cannot load. */
function incomplete(error: Error): EngineUnavailable {
  const name = /Cannot find (?:module|package) '([^']+)'/.exec(error.message)?.[1];
  const here = `${process.platform}-${process.arch}`;
  const message =
    name === undefined
      ? `A library of this installation does not load on ${here}: ${error.message}.`
      : `This installation lacks ${name}, which is needed on ${here}.`;
  return new EngineUnavailable(message, {
    hint: 'Install purchases again on this machine, with optional packages: npm install --include=optional. A node_modules folder of another system, or one made with --omit=optional, has no engine for this one.',
    cause: error,
  });
}

/**
 * A failure in words: its name and what happened, where and what to do. Lines after the first are
 * indented, so that no name or value with a line end in it looks like a message of its own. A fault
 * of the program is named as one; its stack is printed only where PURCHASES_DEBUG is set.
 */
export function failureText(io: Pick<Io, 'env' | 'stderr'>, error: unknown): string {
  const { red } = coloursFor(io, io.stderr);
  const known = knownFailure(error);
  const stack = error instanceof Error ? stackOf(error) : undefined;
  const debug = (io.env['PURCHASES_DEBUG'] ?? '') !== '' && stack !== undefined ? [stack] : [];
  if (known !== undefined)
    return lines([`${red(`${known.name}:`)} ${indented(known.message)}`, known.hint, ...debug]);
  return lines([
    `${red('Internal error:')} ${indented(wordsOf(error))}`,
    'This is a fault of purchases, not of your data; nothing half-written is visible.',
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
 * All lines after the first, so that a mark below a line of SQL stays where it points; lists of
 * ours are indented already.
 */
function indented(message: string): string {
  const [first = '', ...more] = message.trimEnd().split('\n');
  const apart = more.every((line) => line === '' || line.startsWith('  '));
  return [first, ...(apart ? more : more.map((line) => (line === '' ? line : `  ${line}`)))].join(
    '\n',
  );
}

/**
 * What was thrown, whatever it is: an error that is no `Error`, as some libraries throw, by its own
 * message or its content.
 */
function wordsOf(error: unknown): string {
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

/** The stack with those of its causes. */
function stackOf(error: Error): string {
  const { cause } = error;
  const own = error.stack ?? error.message;
  return cause instanceof Error && cause !== error ? `${own}\nCaused by: ${stackOf(cause)}` : own;
}

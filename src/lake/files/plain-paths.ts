import { copyFileSync, linkSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { DiskFailed, UsageError } from '../../errors.ts';

/** An absolute path without a character that a reader of files gives a meaning to. */
export type PlainPath = string & { readonly plainPath: true };

/** Names of our own for paths that users chose. Disposing it removes the links. */
export type PlainPaths = {
  /** A file that is there. */
  file(path: string): PlainPath;
  /** A folder that is there. */
  folder(path: string): PlainPath;
  /**
   * A file that is to be written, whose own name is ours: only its folder, which is there, may need
   * a link.
   */
  target(path: string): PlainPath;
  [Symbol.dispose](): void;
};

/**
 * What no reader takes for a pattern, an escape or an address: letters and digits of any script, a
 * blank, and these marks. DuckDB and Hadoop give `*`, `?`, `[`, `{` and `\` a meaning, and whatever
 * is not listed may have one in a later version.
 */
const PLAIN = /^(?:[A-Za-z]:)?\/[\p{L}\p{M}\p{N} /_\-.=+@,%:;#&!$^~'()]*$/u;

export const isPlainPath = (path: string): path is PlainPath => PLAIN.test(path);

/**
 * The one way by which a path reaches an engine's reader. A plain path passes as it is, without a
 * look at the disk; of any other the reader gets a link of ours, a number in a folder below
 * `place`, or below the temporary folder where `place` is not plain either. The same path always
 * gets the same answer, so results that name files can be joined with it. Errors: `UsageError`
 * where no folder is plain.
 */
export function plainPaths(scratch: string): PlainPaths {
  const known = new Map<string, PlainPath>();
  let links: string | undefined;
  const linked = (path: string, link: typeof linkFile): PlainPath => {
    const before = known.get(path);
    if (before !== undefined) return before;
    try {
      links ??= mkdtempSync(join(plainFolder(scratch), 'links-'));
      const plain = asPlain(join(links, String(known.size)));
      link(resolve(path), plain);
      known.set(path, plain);
      return plain;
    } catch (error) {
      throw explained(path, error);
    }
  };
  const folder = (path: string): PlainPath => passing(path) ?? linked(path, linkFolder);
  return {
    file: (path) => passing(path) ?? linked(path, linkFile),
    folder,
    target: (path) => asPlain(`${folder(dirname(path))}/${basename(path)}`),
    [Symbol.dispose]() {
      if (links !== undefined) rmSync(links, { recursive: true, force: true });
      links = undefined;
      known.clear();
    },
  };
}

/** A plain path as a text of SQL. A path that is not plain is a fault of ours. */
export const quotedPath = (path: string): string => `'${asPlain(path).replaceAll("'", "''")}'`;

// Windows takes both slashes, readers take a backslash for an escape.
const slashed = (path: string): string =>
  process.platform === 'win32' ? path.replaceAll('\\', '/') : path;

function passing(path: string): PlainPath | undefined {
  const whole = slashed(path);
  return isPlainPath(whole) ? whole : undefined;
}

function asPlain(path: string): PlainPath {
  const plain = passing(path);
  if (plain === undefined) throw new Error(`${JSON.stringify(path)} is not a plain path`);
  return plain;
}

function plainFolder(scratch: string): string {
  const folder = [scratch, tmpdir()].find((each) => passing(each) !== undefined);
  if (folder !== undefined) return folder;
  throw new UsageError(
    `The temporary folder ${JSON.stringify(tmpdir())} has characters in its path that readers of files take for patterns.`,
    { hint: 'Set TMPDIR (TEMP on Windows) to a folder whose path has letters and digits only.' },
  );
}

/**
 * Where links need rights that this user lacks, as on Windows, a second name of the file or a copy
 * serves as well: it is read at once.
 */
function linkFile(path: string, link: string): void {
  try {
    symlinkSync(path, link, 'file');
  } catch (error) {
    if (!isRefusal(error)) throw error;
    try {
      linkSync(path, link);
    } catch {
      copyFileSync(path, link);
    }
  }
}

/** On Windows a junction, which needs no rights. */
const linkFolder = (path: string, link: string): void => symlinkSync(path, link, 'junction');

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EPERM', 'ENOSYS'].includes(String(error.code));

function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  return new DiskFailed(`Cannot make a link to ${JSON.stringify(path)}: ${error.message}.`, {
    hint: 'Free some space in the temporary folder, or give this user the right to write there.',
    cause: error,
  });
}

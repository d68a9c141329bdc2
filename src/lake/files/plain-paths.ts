import { copyFileSync, linkSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { DiskFailed, UsageError } from '../../errors.ts';

/** An absolute path without characters that file readers interpret. */
export type PlainPath = string & { readonly plainPath: true };

/** Maps paths that users chose to plain paths, by links where needed. Disposing removes them. */
export type PlainPaths = {
  /** Maps an existing file. */
  file(path: string): PlainPath;
  /** Maps an existing folder. */
  folder(path: string): PlainPath;
  /**
   * Maps a file to write, whose own name must be plain: only its existing folder may need a link.
   */
  target(path: string): PlainPath;
  [Symbol.dispose](): void;
};

/**
 * Characters that no reader interprets as a pattern, an escape or an address: letters and digits of
 * any script, a blank, and these marks. DuckDB and Hadoop interpret `*`, `?`, `[`, `{` and `\`, and
 * later versions may interpret any character that is not listed.
 */
const PLAIN = /^(?:[A-Za-z]:)?\/[\p{L}\p{M}\p{N} /_\-.=+@,%:;#&!$^~'()]*$/u;

export const isPlainPath = (path: string): path is PlainPath => PLAIN.test(path);

/**
 * The only way to pass a path to an engine's reader. A plain path is returned unchanged, without
 * disk access; any other path gets a numbered link in a folder below `scratch`, or below the
 * temporary folder where `scratch` is not plain either. The same path always gets the same link, so
 * results that name files can be joined with it. Errors: `UsageError` where no folder is plain.
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

/** Quotes a plain path for SQL. Any other path is a bug of the caller. */
export const quotedPath = (path: string): string => `'${asPlain(path).replaceAll("'", "''")}'`;

// Windows accepts both slashes; readers interpret a backslash as an escape.
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
 * Where this user may not create symbolic links, as on Windows, a hard link or a copy is used: the
 * file is read at once.
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

/** Creates a junction on Windows, which needs no privileges. */
const linkFolder = (path: string, link: string): void => symlinkSync(path, link, 'junction');

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EPERM', 'ENOSYS'].includes(String(error.code));

function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  return new DiskFailed(`Cannot create a link to ${JSON.stringify(path)}: ${error.message}.`, {
    hint: 'Free some space in the temporary folder, or give this user write permission for it.',
    cause: error,
  });
}

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ConfigInvalid } from '../../errors.ts';

const UNUSABLE: Record<string, string> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'cannot be written by this user',
  EPERM: 'cannot be written by this user',
  EROFS: 'is on a read-only file system',
};

/**
 * Creates a folder for this command below the system's temporary folder. Error: `ConfigInvalid`,
 * naming TMPDIR.
 */
export async function temporaryFolder(command: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), `purchases-${command}-`));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = UNUSABLE[code];
    if (why === undefined) throw error;
    throw new ConfigInvalid(`The folder for temporary files, ${tmpdir()}, ${why}.`, {
      hint: 'Set the variable TMPDIR to a folder that this user can write.',
      cause: error,
    });
  }
}

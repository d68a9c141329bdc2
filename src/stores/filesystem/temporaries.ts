import { constants } from 'node:fs';
import { copyFile, lstat, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../lake/ports/store.ts';
import { codeOf, ifExists } from './disk.ts';
import type { Places } from './places.ts';

export type Content = Parameters<Store['put']>[1];

/** Temporary files of a killed process are removed once they are a day old. */
const STALE_NS = 86_400n * 1_000_000_000n;

/** Provides content as a finished, synced file on the lake's own file system while `use` runs. */
export function temporaries(at: Places) {
  let swept = false;
  let created = 0;

  return async (key: string, content: Content, use: (temp: string) => Promise<void>) => {
    const folder = await at.makeFolder(['_tmp'], key);
    const temp = await writeTemp(() => join(folder, `${process.pid}-${created++}`), content);
    try {
      if (!swept) await sweep(folder, temp);
      swept = true;
      await use(temp);
    } finally {
      await rm(temp, { force: true });
    }
  };
}

/**
 * Writes a new file with the content, synced before it gets its name. A file that a killed process
 * left under a name is kept.
 */
async function writeTemp(nextName: () => string, content: Content): Promise<string> {
  for (;;) {
    const temp = nextName();
    try {
      await fill(temp, content);
      return temp;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      await rm(temp, { force: true });
      throw error;
    }
  }
}

async function fill(temp: string, content: Content): Promise<void> {
  if ('file' in content) {
    await copyFile(content.file, temp, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await using handle = await open(temp, 'r');
    await handle.sync();
    return;
  }
  await using handle = await open(temp, 'wx');
  await handle.writeFile(content);
  await handle.sync();
}

// Age is measured by the file system's own clock: each file against the newest one.
async function sweep(folder: string, newest: string): Promise<void> {
  const { mtimeNs: now } = await stat(newest, { bigint: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stats = await ifExists(lstat(path, { bigint: true }));
    if (stats !== undefined && now - stats.mtimeNs > STALE_NS)
      await rm(path, { force: true, recursive: true });
  }
}

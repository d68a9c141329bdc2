import { constants } from 'node:fs';
import {
  access,
  link,
  lstat,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { DiskFailed, LakeBusy } from '../../errors.ts';
import { codeOf, ifThere, onDisk } from './disk.ts';
import { places } from './places.ts';

export type LakeLock = AsyncDisposable & { release(): Promise<void> };

type Holder = { pid: number; command: string; since: string };

/** What is locked: its name in messages, the folder that holds the lock file, and what frees it. */
type Subject = { name: string; folder: string; onFull: string };

/**
 * The locks of this process, by device and inode of the lock's folder, so that every spelling of a
 * path meets here. The kernel refuses other processes only, so a second lock in this one is refused
 * here; and a DuckDB instance that nobody refers to is closed by the garbage collector, which would
 * free the lake.
 */
const held = new Map<string, { holder: Holder; instance?: DuckDBInstance }>();

/**
 * Makes this process the lake's one writer until `release`, or until it dies, however it dies: the
 * lock is the kernel's, taken by opening a DuckDB file for writing (about 30 ms). `command` (no
 * secrets in it) and `now` are shown to whoever finds the lake taken, who gets `LakeBusy`. A lake
 * that this user cannot write into is only locked against a writer that is at work, and nothing is
 * made there, where `reading` says that reading is all.
 */
export async function lockLake(
  root: string,
  options: { command: string; now: Date; reading?: boolean },
): Promise<LakeLock> {
  if (options.reading === true && !(await isWritable(root))) return lockForReading(root);
  const folder = await onDisk('lock the lake', () => places(root).makeFolder(['_lock'], '_lock'));
  return lock({ name: `lake ${root}`, folder, onFull: 'lock the lake' }, options);
}

/** Whether this user may write into the folder; one that is not there yet may be made. */
export async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    return !['EROFS', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '');
  }
}

/**
 * Many readers may hold it at once, and no writer beside them; where no writer ever was, there is
 * nothing to hold.
 */
async function lockForReading(root: string): Promise<LakeLock> {
  const folder = join(root, '_lock');
  const file = join(folder, 'lake.duckdb');
  let instance: DuckDBInstance | undefined;
  if ((await ifThere(lstat(file)))?.isFile() === true)
    try {
      instance = await DuckDBInstance.create(file, { threads: '1', access_mode: 'READ_ONLY' });
    } catch (error) {
      const message = String(error);
      if (isTaken(message))
        throw busy({ name: `lake ${root}` }, await holderOf(folder, pidIn(message)), error);
      // Another user's file: whoever may not read it cannot see its lock either.
      if (!/permission denied/i.test(message)) throw error;
    }
  const release = async (): Promise<void> => {
    instance?.closeSync();
    instance = undefined;
  };
  return { release, [Symbol.asyncDispose]: release };
}

const isTaken = (message: string): boolean =>
  /lock is held|set lock on file|being used by another process/i.test(message);
const pidIn = (message: string): string | undefined => /\(PID (\d+)\)/.exec(message)?.[1];

/**
 * The same for an embedded database in a folder that is there. The lock lies inside it, so that the
 * folder is one to all who open it, by link, by mount or in another case, whatever lakes they
 * belong to. PGlite itself takes none.
 */
export async function lockDatabase(
  database: string,
  options: { command: string; now: Date },
): Promise<LakeLock> {
  const what = 'lock the serving database';
  const folder = await onDisk(what, async () => {
    const path = join(await realpath(database), '_lock');
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  });
  return lock({ name: `serving database ${database}`, folder, onFull: what }, options);
}

async function lock(subject: Subject, options: { command: string; now: Date }): Promise<LakeLock> {
  const holder = { pid: process.pid, command: options.command, since: options.now.toISOString() };
  const { dev, ino } = await stat(subject.folder, { bigint: true });
  const id = `${dev}:${ino}`;
  const own = held.get(id);
  if (own !== undefined) throw busy(subject, own.holder);
  held.set(id, { holder });
  try {
    const instance = await openExclusively(subject);
    held.set(id, { holder, instance });
    await onDisk(subject.onFull, () => writeHolder(subject.folder, holder));
  } catch (error) {
    free(id);
    throw error;
  }
  return lockOn(subject.folder, id);
}

function lockOn(folder: string, id: string): LakeLock {
  let released = false;
  async function release(): Promise<void> {
    if (released) return;
    released = true;
    // First the note, then the lock: the other way round would take away the next holder's note.
    await rm(join(folder, 'holder.json'), { force: true }).finally(() => free(id));
  }
  return { release, [Symbol.asyncDispose]: release };
}

function free(id: string): void {
  held.get(id)?.instance?.closeSync();
  held.delete(id);
}

async function openExclusively(subject: Subject): Promise<DuckDBInstance> {
  const { name, folder } = subject;
  const file = join(folder, 'lake.duckdb');
  try {
    if ((await ifThere(lstat(file))) === undefined) await makeFile(folder, file);
    return await DuckDBInstance.create(file, { threads: '1' });
  } catch (error) {
    const message = String(error);
    if (isTaken(message)) throw busy(subject, await holderOf(folder, pidIn(message)), error);
    throw new DiskFailed(`Cannot lock the ${name}: ${message}`, {
      hint: lockHint(message, folder),
      cause: error,
    });
  }
}

// Made aside and linked into place: a file that a kill left half made could neither be opened nor,
// as somebody else may just be making it, be removed.
async function makeFile(folder: string, file: string): Promise<void> {
  const aside = join(folder, `${process.pid}.new`);
  await rm(aside, { force: true });
  (await DuckDBInstance.create(aside, { threads: '1' })).closeSync();
  try {
    await link(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function writeHolder(folder: string, holder: Holder): Promise<void> {
  const aside = join(folder, `${process.pid}.json`);
  await writeFile(aside, `${JSON.stringify(holder)}\n`);
  await rename(aside, join(folder, 'holder.json'));
}

/**
 * What the holder wrote of itself, unless that is a dead process's note or not there yet: then the
 * kernel's word, its pid.
 */
async function holderOf(folder: string, pid: string | undefined): Promise<Partial<Holder>> {
  const known: Partial<Holder> = pid === undefined ? {} : { pid: Number(pid) };
  try {
    const noted: Partial<Holder> = JSON.parse(await readFile(join(folder, 'holder.json'), 'utf8'));
    return known.pid === undefined || known.pid === noted.pid ? noted : known;
  } catch {
    return known;
  }
}

function busy(
  { name }: Pick<Subject, 'name'>,
  { pid, command, since }: Partial<Holder>,
  cause?: unknown,
): LakeBusy {
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  const what = command === undefined ? '' : ` (${command}, since ${since})`;
  const stop = pid === undefined ? 'it' : `it with: kill ${pid}`;
  return new LakeBusy(`The ${name} is held by ${who}${what}.`, {
    hint: `Wait until it ends, or stop ${stop}. The lock goes with the process: there is nothing to delete.`,
    cause,
  });
}

function lockHint(message: string, folder: string): string {
  if (/No space left on device|quota exceeded/i.test(message))
    return 'Free some space and run again: nothing was half written.';
  if (/read-only file system|permission denied/i.test(message))
    return 'This user cannot write into the lake or its database: choose a place that can be written, or give the right to. query, explain, plan and verify read a lake as it is.';
  return `If no purchases command runs on it, remove ${folder} and run again: nothing else is kept there.`;
}

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
import { codeOf, ifExists, onDisk } from './disk.ts';
import { places } from './places.ts';

export type LakeLock = AsyncDisposable & { release(): Promise<void> };

type Holder = { pid: number; command: string; since: string };

/**
 * The subject of a lock: its name in messages, the folder of the lock file, and the remedy for a
 * full disk.
 */
type Subject = { name: string; folder: string; onFull: string };

/**
 * The locks of this process, by device and inode of the lock's folder, so that every spelling of a
 * path finds the same lock. The kernel refuses other processes only, so a second lock in this
 * process is refused here. The map also keeps the DuckDB instance referenced: the garbage collector
 * closes an unreferenced one, which would release the lock.
 */
const held = new Map<string, { holder: Holder; instance?: DuckDBInstance }>();

/**
 * Makes this process the lake's only writer until `release`, or until it dies for any reason: the
 * kernel holds the lock, taken by opening a DuckDB file for writing (about 30 ms). `command`
 * (without secrets) and `now` are shown to a process that finds the lake locked and gets
 * `LakeBusy`. With `reading`, a lake that this user cannot write is only locked against an active
 * writer, and no file is created in it.
 */
export async function lockLake(
  root: string,
  options: { command: string; now: Date; reading?: boolean },
): Promise<LakeLock> {
  if (options.reading === true && !(await isWritable(root))) return lockForReading(root);
  const folder = await onDisk('lock the lake', () => places(root).makeFolder(['_lock'], '_lock'));
  return lock({ name: `lake ${root}`, folder, onFull: 'lock the lake' }, options);
}

/** True if this user may write into the folder, or may create it if it does not exist. */
export async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    return !['EROFS', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '');
  }
}

/**
 * Takes a shared lock: many readers may hold it, but no writer at the same time. If no writer ever
 * ran, there is nothing to lock.
 */
async function lockForReading(root: string): Promise<LakeLock> {
  const folder = join(root, '_lock');
  const file = join(folder, 'lake.duckdb');
  let instance: DuckDBInstance | undefined;
  if ((await ifExists(lstat(file)))?.isFile() === true)
    try {
      instance = await DuckDBInstance.create(file, { threads: '1', access_mode: 'READ_ONLY' });
    } catch (error) {
      const message = String(error);
      if (isTaken(message))
        throw busy({ name: `lake ${root}` }, await holderOf(folder, pidIn(message)), error);
      // Another user's file: a user who may not read it cannot see its lock either.
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
 * Locks an embedded database in an existing folder. The lock file is inside it, so that every
 * opener finds the same lock, by link, by mount, in another case, or from another lake. PGlite
 * itself takes no lock.
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
    // Remove the note before releasing the lock: the other order would remove the next holder's
    // note.
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
    if ((await ifExists(lstat(file))) === undefined) await makeFile(folder, file);
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

// Created under another name and linked into place: a file that a kill left half written could not
// be opened, nor be removed, since another process may be creating it.
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
 * Returns the holder's note, unless it is missing or a dead process's: then only the pid that the
 * kernel reports.
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
    hint: `Wait until it ends, or stop ${stop}. The lock is released when the process ends: no file must be deleted.`,
    cause,
  });
}

function lockHint(message: string, folder: string): string {
  if (/No space left on device|quota exceeded/i.test(message))
    return 'Free some space and run again: no file was half written.';
  if (/read-only file system|permission denied/i.test(message))
    return 'This user cannot write into the lake or its database: choose a place that can be written, or give the right to. query, explain, plan and verify read a lake as it is.';
  return `If no purchases command is running on it, remove ${folder} and run again: it holds nothing else.`;
}

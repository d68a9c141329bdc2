import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type TestSession = {
  sql(statements: string): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
};

/**
 * Settings of a server, computed after its folder exists: the files that the server reads must
 * belong to its user, as the folder does.
 */
export type ServerSettings = (server: { folder: string }) => Promise<Record<string, string>>;

/** A database server for one test. */
export type TestServer = {
  port: number;
  /** The server's own folder, for files that the server reads. */
  folder: string;
  url(database: string, user?: string): string;
  /** Runs statements as the superuser and returns the rows of the last. */
  sql(database: string, statements: string): Promise<Record<string, unknown>[]>;
  /** A connection that stays open, for transactions; as the superuser by default. */
  session(database: string, user?: string): Promise<TestSession>;
  createDatabase(name: string): Promise<string>;
  /**
   * Stops it with a signal (by default one that rolls transactions back at once) and starts it
   * again.
   */
  restart(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
};

/**
 * The password of all users on a test's server; full of characters that must be encoded in a URL.
 */
export const PASSWORD = 'p@ss/word#1%';

/** A free port of the loopback interface. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** The user that a server runs as: servers refuse to run as root. */
export type ServerUser = { name: string; uid: number; gid: number } | undefined;

/** The given user if this process is root. */
export async function serverUser(name: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  const { stdout } = await run('id', ['-u', name]);
  const group = await run('id', ['-g', name]);
  return { name, uid: Number(stdout), gid: Number(group.stdout) };
}

/** A new folder below the system's temporary folder that the user owns. */
export async function serverFolder(prefix: string, user: ServerUser): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
}

/**
 * Command and arguments that run as the user and are killed when this process ends, however it
 * ends.
 */
export function asUser(user: ServerUser, command: string, args: string[]): [string, string[]] {
  const identity = user
    ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups']
    : [];
  return ['setpriv', [...identity, '--pdeathsig', 'KILL', '--', command, ...args]];
}

/** Runs a command as the user to its end. */
export async function runAs(user: ServerUser, command: string, args: string[]): Promise<string> {
  const [file, all] = asUser(user, command, args);
  return (await run(file, all, { cwd: tmpdir() })).stdout;
}

export type RunningServer = {
  /** Stops it by signal (default SIGTERM) and waits until it has exited. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Starts a server as the user and waits until `ready` succeeds. */
export async function startServer(
  user: ServerUser,
  command: string,
  args: string[],
  ready: () => Promise<void>,
): Promise<RunningServer> {
  const [file, all] = asUser(user, command, args);
  const child = spawn(file, all, { cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on(
    'data',
    (bytes: Buffer) => (output = `${output}${bytes.toString()}`.slice(-4000)),
  );
  for (const end = performance.now() + 30_000; ;) {
    if (child.exitCode !== null) throw new Error(`${command} did not start:\n${output}`);
    try {
      await ready();
      return { stop: (signal = 'SIGTERM') => stop(child, signal) };
    } catch (cause) {
      if (performance.now() > end)
        throw new Error(`${command} is not ready after 30 s:\n${output}`, { cause });
      await setTimeout(50);
    }
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

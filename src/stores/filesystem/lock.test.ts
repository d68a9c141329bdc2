import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LakeBusy } from '../../errors.ts';
import { lockLake } from './lock.ts';

let root: string;
let children: ChildProcess[];
const now = new Date('2026-03-04T05:06:07Z');
const ownHolder = { command: 'purchases verify', now };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lake-lock-'));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => killed(child)));
  await rm(root, { recursive: true, force: true });
});

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/**
 * Starts a process that takes the lock, prints `held` or the error's name, and stays until it is
 * killed or its input ends.
 */
async function holder(lake = root): Promise<{ child: ChildProcess; printed: string }> {
  const script = `
    import { lockLake } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    const options = { command: 'purchases run', now: new Date('2026-01-02T03:04:05Z') };
    const lock = await lockLake(${JSON.stringify(lake)}, options).catch((error) => console.log(error.name));
    if (lock) console.log('held');
    process.stdin.resume().on('end', () => lock?.release());`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [printed] = await once(child.stdout, 'data');
  return { child, printed: String(printed).trim() };
}

async function refusal(lake = root): Promise<LakeBusy> {
  const error = await lockLake(lake, ownHolder).catch((thrown: unknown) => thrown);
  if (!(error instanceof LakeBusy)) throw new Error(`expected LakeBusy, got ${String(error)}`);
  return error;
}

test('a second process is refused, with the pid, the command and since when', async () => {
  const { child, printed } = await holder();
  expect(printed).toBe('held');
  const error = await refusal();
  expect(error.exitCode).toBe(5);
  expect(error.message).toBe(
    `The lake ${root} is held by process ${child.pid} (purchases run, since 2026-01-02T03:04:05.000Z).`,
  );
  expect(error.hint).toContain(`kill ${child.pid}`);
});

test('the lock of a process killed with -9 is free at once', async () => {
  const { child } = await holder();
  await refusal();
  await killed(child);
  await using lock = await lockLake(root, ownHolder);
  expect(lock).toBeDefined();
  expect((await holder()).printed).toBe('LakeBusy');
});

test('a released lock is free, and leaves no note of its holder', async () => {
  const { child } = await holder();
  child.stdin?.end();
  await once(child, 'exit');
  expect(await readdir(join(root, '_lock'))).toEqual(['lake.duckdb']);
  const lock = await lockLake(root, ownHolder);
  await lock.release();
  await lock.release();
  expect((await holder()).printed).toBe('held');
});

test('a process that holds the lake is refused a second lock, by any path', async () => {
  const alias = `${root}-alias`;
  await symlink(root, alias);
  await using lock = await lockLake(root, ownHolder);
  expect((await refusal(alias)).message).toContain(`process ${process.pid} (purchases verify`);
  expect((await holder(alias)).printed).toBe('LakeBusy');
  await rm(alias);
  await lock.release();
  await (await lockLake(root, ownHolder)).release();
});

test('of many concurrent requests in one process, and of several processes, one gets the lake', async () => {
  const requests = await Promise.allSettled(
    Array.from({ length: 8 }, () => lockLake(root, ownHolder)),
  );
  const got = requests.filter((request) => request.status === 'fulfilled');
  expect(got).toHaveLength(1);
  await got[0]?.value.release();
  const printed = await Promise.all(
    [holder(), holder(), holder()].map(async (child) => (await child).printed),
  );
  expect(printed.toSorted()).toEqual(['LakeBusy', 'LakeBusy', 'held']);
});

test('the note of a dead process is not mistaken for the holder’s', async () => {
  const { child } = await holder();
  const stale = { pid: 1, command: 'purchases old', since: '2020-01-01T00:00:00.000Z' };
  await writeFile(join(root, '_lock/holder.json'), JSON.stringify(stale));
  expect((await refusal()).message).toBe(`The lake ${root} is held by process ${child.pid}.`);
});

test('an invalid lock file names the file to remove, and the lake can be locked again afterwards', async () => {
  await mkdir(join(root, '_lock'));
  await writeFile(join(root, '_lock/lake.duckdb'), 'not a database, '.repeat(1000));
  for (let time = 0; time < 2; time += 1) {
    await expect(lockLake(root, ownHolder)).rejects.toMatchObject({
      name: 'DiskFailed',
      hint: expect.stringContaining(join(root, '_lock')),
    });
  }
});

test('taking and freeing the lock costs little', async () => {
  await (await lockLake(root, ownHolder)).release();
  const start = performance.now();
  await (await lockLake(root, ownHolder)).release();
  expect(performance.now() - start).toBeLessThan(1000); // about 30 ms where nothing else runs
});

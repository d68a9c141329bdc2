import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyRefused } from '../../errors.ts';
import { storeConformance } from '../../lake/ports/store.conformance.ts';
import { folderStore } from './filesystem.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

storeConformance(
  'a folder',
  async () => ({
    store: folderStore(join(root, 'lake')),
    reopen: () => folderStore(join(root, 'lake')),
    close: async () => {},
  }),
  256,
);

const bytes = new TextEncoder().encode('customer_id\n1\n');

async function listed(prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of folderStore(root).list(prefix)) keys.push(key);
  return keys;
}

async function refusal(operation: () => Promise<unknown>): Promise<string> {
  const error = await operation().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KeyRefused);
  return String(error);
}

describe('entries of a folder that are not objects', () => {
  test('hidden files and the lake’s own folders are not objects, and cannot be written as such', async () => {
    for (const name of ['_tmp', '_lock', '_warehouse', '.git', 'bronze']) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'x'), 'x');
    }
    await writeFile(join(root, 'bronze/.DS_Store'), 'x');
    expect(await listed()).toEqual(['bronze/x']);
    for (const key of ['_tmp/x', '_lock/x', '_warehouse/x', 'bronze/.DS_Store']) {
      expect(await refusal(() => folderStore(root).put(key, bytes))).toContain(key);
    }
    expect(await listed('bronze/_tmp')).toEqual([]);
  });

  test.each([
    ['a link to a file outside', (path: string) => symlink('/etc/hostname', path)],
    ['a link to a file inside', (path: string) => symlink(join(root, 'bronze/good.csv'), path)],
    ['a link that leads nowhere', (path: string) => symlink('/nowhere', path)],
    ['a link to a folder', (path: string) => symlink(tmpdir(), path)],
    ['a pipe', (path: string) => Promise.resolve(execFileSync('mkfifo', [path]))],
  ])('%s is refused by name, never followed, never skipped', async (_, create) => {
    const store = folderStore(root);
    await store.put('bronze/good.csv', bytes);
    await create(join(root, 'bronze/odd.csv'));
    const key = 'bronze/odd.csv';
    for (const attempt of [
      () => store.head(key),
      () => store.read(key),
      () => store.local(key, root),
      () => store.put(key, bytes),
      () => store.remove(key),
      () => listed(),
    ]) {
      expect(await refusal(attempt)).toContain(key);
    }
    expect(await listed('silver/')).toEqual([]);
  });

  test('a folder that is a link is refused for every key below it, and nothing is written in it', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(elsewhere, 'secret.csv'), 'x');
    await symlink(elsewhere, join(root, 'bronze'));
    const store = folderStore(root);
    for (const attempt of [
      () => store.read('bronze/secret.csv'),
      () => store.create('bronze/new/x.csv', bytes),
      () => listed('bronze/'),
      () => listed(),
    ]) {
      expect(await refusal(attempt)).toContain('bronze');
    }
    expect(await readdir(elsewhere)).toEqual(['secret.csv']);
    await rm(elsewhere, { recursive: true });
  });

  test('the lake itself may be a link', async () => {
    await mkdir(join(root, 'disk'));
    await symlink(join(root, 'disk'), join(root, 'lake'));
    await folderStore(join(root, 'lake')).put('bronze/a.csv', bytes);
    expect((await stat(join(root, 'disk/bronze/a.csv'))).size).toBe(bytes.length);
  });

  test('a file whose name is not UTF-8 is refused, not skipped', async () => {
    await mkdir(join(root, 'bronze'));
    await writeFile(
      Buffer.concat([Buffer.from(join(root, 'bronze/')), Buffer.from([0x63, 0xe9])]),
      'x',
    );
    expect(await refusal(() => listed())).toContain('UTF-8');
  });

  test('a name is a file or a folder, not both', async () => {
    const store = folderStore(root);
    await store.put('a/b', bytes);
    expect(await store.head('a')).toBeUndefined();
    expect(await refusal(() => store.create('a', bytes))).toContain('"a"');
    expect(await refusal(() => store.put('a', bytes))).toContain('"a"');
    expect(await refusal(() => store.create('a/b/c', bytes))).toContain('"a/b/c"');
    expect(await store.read('a/b/c')).toBeUndefined();
    expect(await listed()).toEqual(['a/b']);
  });
});

describe('facts of a file', () => {
  test('the etag changes when a file is edited within its second, or its time is reset', async () => {
    const path = join(root, 'a.csv');
    await writeFile(path, 'one');
    await utimes(path, 1_700_000_000.9, 1_700_000_000.9);
    const first = await folderStore(root).head('a.csv');
    expect(first?.modified).toBe(1_700_000_000);
    await new Promise((done) => setTimeout(done, 20)); // ctime moves with the kernel's tick
    await writeFile(path, 'two');
    await utimes(path, 1_700_000_000.9, 1_700_000_000.9);
    const second = await folderStore(root).head('a.csv');
    expect(second?.modified).toBe(1_700_000_000);
    expect(second?.etag).not.toBe(first?.etag);
  });

  test('a hard link is a file like any other', async () => {
    await writeFile(join(root, 'a.csv'), 'one');
    await link(join(root, 'a.csv'), join(root, 'b.csv'));
    expect(await listed()).toEqual(['a.csv', 'b.csv']);
  });

  test('10,000 objects are listed without a long wait', async () => {
    for (let day = 0; day < 100; day += 1) {
      mkdirSync(join(root, `bronze/${day}`), { recursive: true });
      for (let at = 0; at < 100; at += 1) writeFileSync(join(root, `bronze/${day}/${at}`), '');
    }
    const start = performance.now();
    expect(await listed()).toHaveLength(10_000);
    expect(performance.now() - start).toBeLessThan(3000); // about 200 ms where nothing else runs
  });
});

describe('traces of a writer', () => {
  test('a writer killed with -9 leaves whole objects only', async () => {
    const script = `
      import { folderStore } from ${JSON.stringify(new URL('filesystem.ts', import.meta.url).href)};
      const store = folderStore(${JSON.stringify(root)});
      for (let at = 0; ; at += 1) {
        await Promise.all([store.put('same', Buffer.alloc(3_000_000, 'x')), store.create('new/' + at, Buffer.alloc(3_000_000, 'x'))]);
        if (at === 2) console.log('writing');
      }`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const sizes = new Set<number>();
    for await (const { size } of folderStore(root).list('')) sizes.add(size);
    expect([...sizes]).toEqual([3_000_000]);
    expect((await listed('new/')).length).toBeGreaterThanOrEqual(3);
  });

  test('no temporary file stays, whether the write wins, loses or fails', async () => {
    const store = folderStore(root);
    await store.create('a', bytes);
    await store.create('a', bytes);
    await store.put('a', bytes);
    await expect(store.put('b', { file: join(root, 'absent') })).rejects.toThrow('absent');
    await expect(store.put('b', { file: root })).rejects.toThrow('EISDIR');
    expect(await readdir(join(root, '_tmp'))).toEqual([]);
  });

  test('temporary files of a killed process block no write and are removed after a day', async () => {
    await mkdir(join(root, '_tmp'));
    const leftover = join(root, '_tmp', `${process.pid}-0`);
    await writeFile(leftover, 'half');
    await writeFile(join(root, '_tmp/old'), 'half');
    const longAgo = Date.now() / 1000 - 90_000;
    await utimes(join(root, '_tmp/old'), longAgo, longAgo);
    await folderStore(root).create('a', bytes);
    expect(await readdir(join(root, '_tmp'))).toEqual([`${process.pid}-0`]);
  });

  test('a removed object removes the folders it leaves empty, except those at the root', async () => {
    const store = folderStore(root);
    await store.put('gold/year=2026/month=01/x', bytes);
    await store.put('gold/year=2025/x', bytes);
    await store.remove('gold/year=2026/month=01/x');
    expect(await readdir(join(root, 'gold'))).toEqual(['year=2025']);
    await store.remove('gold/year=2025/x');
    expect(await readdir(join(root, 'gold'))).toEqual([]);
  });

  test('a lake that cannot be written is named, with the remedy', async () => {
    // No user can create folders in it, not even root, on any system: not allowed, or mounted
    // read-only.
    await expect(folderStore('/sys/lake').put('a', bytes)).rejects.toMatchObject({
      name: 'DiskFailed',
      message: expect.stringContaining('Cannot write a'),
      hint: expect.stringMatching(/right|can be written/),
    });
  });
});

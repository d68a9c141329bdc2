import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { DiskFailed, KeyRefused } from '../../errors.ts';
import type { Skipped } from '../../lake/ports/store.ts';
import { asOrdinaryUser } from '../../../test/support/ordinary-user.ts';
import { folderStore } from './filesystem.ts';
import { orSkipped } from './skipping.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'skipping-'));
  await chmod(root, 0o755);
  await mkdir(join(root, 'bronze/shop'), { recursive: true });
  await writeFile(join(root, 'bronze/a.csv'), 'x');
  await writeFile(join(root, 'bronze/shop/z.csv'), 'x');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function listed(after?: string): Promise<{ keys: string[]; skipped: Skipped[] }> {
  const [keys, skipped]: [string[], Skipped[]] = [[], []];
  const onSkipped = (one: Skipped): void => void skipped.push(one);
  const options = after === undefined ? { onSkipped } : { onSkipped, after };
  for await (const { key } of folderStore(root).list('bronze/', options)) keys.push(key);
  return { keys, skipped };
}

async function listWithoutCallback(): Promise<void> {
  for await (const _ of folderStore(root).list('bronze/'));
}

const bytes = (...parts: (string | number)[]): Buffer =>
  Buffer.concat([
    Buffer.from(join(root, 'bronze/')),
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
  ]);

const ODD: [string, () => unknown, string, Skipped['reason']][] = [
  [
    'a link to a file',
    () => symlink('/etc/hostname', join(root, 'bronze/l.csv')),
    'bronze/l.csv',
    'not_a_file',
  ],
  ['a link to a folder', () => symlink(tmpdir(), join(root, 'bronze/l')), 'bronze/l', 'not_a_file'],
  [
    'a link that leads nowhere',
    () => symlink('/no/where', join(root, 'bronze/l.csv')),
    'bronze/l.csv',
    'not_a_file',
  ],
  [
    'a link to itself',
    () => symlink('l.csv', join(root, 'bronze/l.csv')),
    'bronze/l.csv',
    'not_a_file',
  ],
  [
    'a pipe',
    () => execFileSync('mkfifo', [join(root, 'bronze/p.csv')]),
    'bronze/p.csv',
    'not_a_file',
  ],
  [
    'a backslash',
    () => writeFile(join(root, 'bronze/a\\b.csv'), 'x'),
    'bronze/a\\b.csv',
    'name_refused',
  ],
  [
    'a control character',
    () => writeFile(join(root, 'bronze/\u001b[31m.csv'), 'x'),
    'bronze/\u001b[31m.csv',
    'name_refused',
  ],
  [
    'a name that is not UTF-8',
    () => writeFile(bytes('caf', 0xe9, '.csv'), 'x'),
    'bronze/caf\ufffd.csv',
    'name_refused',
  ],
  [
    'a folder with a backslash',
    () => mkdir(join(root, 'bronze/a\\b')),
    'bronze/a\\b/',
    'name_refused',
  ],
  [
    'a folder whose name is not UTF-8',
    () => mkdir(bytes('caf', 0xe9)),
    'bronze/caf\ufffd/',
    'name_refused',
  ],
];

test.each(ODD)('%s is reported, and everything else is listed', async (_, create, key, reason) => {
  await create();
  expect(await listed()).toEqual({
    keys: ['bronze/a.csv', 'bronze/shop/z.csv'],
    skipped: [{ key, reason, message: expect.stringMatching(/\. \S.*\.$/) }],
  });
  // Without a callback, it is not skipped.
  await expect(listWithoutCallback()).rejects.toThrow(KeyRefused);
});

test('all of them are reported, each once, including those after a key', async () => {
  await writeFile(bytes('caf', 0xe9, '.csv'), 'x');
  await writeFile(bytes('caf', 0xea, '.csv'), 'x');
  // A file that really has this name is listed, once.
  await writeFile(join(root, 'bronze/caf\ufffd.csv'), 'x');
  await symlink('/etc/hostname', join(root, 'bronze/shop/l.csv'));
  const { keys, skipped } = await listed();
  expect(keys).toEqual(['bronze/a.csv', 'bronze/caf\ufffd.csv', 'bronze/shop/z.csv']);
  expect(skipped.map(({ key }) => key)).toEqual([
    'bronze/caf\ufffd.csv',
    'bronze/caf\ufffd.csv',
    'bronze/shop/l.csv',
  ]);
  const later = await listed('bronze/shop');
  expect(later.skipped.map(({ key }) => key)).toEqual(['bronze/shop/l.csv']);
});

test('a socket is reported', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(root, 'bronze/s.csv'), resolve));
  const { skipped } = await listed();
  await new Promise((resolve) => server.close(resolve));
  expect(skipped).toMatchObject([{ key: 'bronze/s.csv', reason: 'not_a_file' }]);
});

test('a folder that this user may not list, or not enter, is reported', async () => {
  await mkdir(join(root, 'bronze/closed'));
  await writeFile(join(root, 'bronze/closed/a.csv'), 'x');
  await mkdir(join(root, 'bronze/seen'));
  await writeFile(join(root, 'bronze/seen/b.csv'), 'x');
  await chmod(join(root, 'bronze/closed'), 0o000);
  await chmod(join(root, 'bronze/seen'), 0o444);
  const { keys, skipped } = await asOrdinaryUser(() => listed());
  await chmod(join(root, 'bronze/closed'), 0o755);
  await chmod(join(root, 'bronze/seen'), 0o755);
  expect(keys).toEqual(['bronze/a.csv', 'bronze/shop/z.csv']);
  expect(skipped.map(({ key, reason }) => [key, reason])).toEqual([
    ['bronze/closed/', 'not_readable'],
    ['bronze/seen/b.csv', 'not_readable'],
  ]);
});

test.each(['EIO', 'ENOSPC', 'EMFILE', 'ENFILE'])(
  '%s is not a single bad entry: the listing fails',
  async (code) => {
    const cause = Object.assign(new Error(code), { code });
    const error = new DiskFailed(code, { cause });
    const skipped: Skipped[] = [];
    const onSkipped = (one: Skipped): void => void skipped.push(one);
    const look = () => orSkipped({ onSkipped }, 'bronze/a.csv', () => Promise.reject(error));
    await expect(look()).rejects.toBe(error);
    expect(skipped).toEqual([]);
  },
);

test('bronze itself, where it is a link, fails by name: no other file could be read', async () => {
  await rm(join(root, 'bronze'), { recursive: true });
  await symlink(tmpdir(), join(root, 'bronze'));
  await expect(listed()).rejects.toThrow(KeyRefused);
});

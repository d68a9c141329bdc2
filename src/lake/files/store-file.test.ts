import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';

import { sharedFolder } from '../../../test/support/folders.ts';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { customerKeysKey, namedByContent, silverKey } from '../layout.ts';
import type { Store } from '../ports/store.ts';
import { storeFile, storeGold } from './store-file.ts';

const at = sharedFolder();
const KEY = silverKey('2026-01-05', 'a'.repeat(32));

let tests = 0;
let root: string;
let store: Store;

beforeEach(() => {
  root = join(at.folder, `lake-${++tests}`);
  store = folderStore(root);
});

async function parquetFile(text: string): Promise<string> {
  const path = join(at.folder, 'made.parquet');
  await writeFile(path, text);
  return path;
}

const stored = async (text: string, by = store) =>
  storeFile(
    { store: by, scratch: at.folder },
    { path: await parquetFile(text), key: KEY, rows: 1 },
  );
const inode = async (key: string): Promise<number> => (await stat(join(root, key))).ino;

test('a name covers the bytes: other bytes of the same rows never replace a file', async () => {
  const first = await stored('first');
  const second = await stored('other');
  expect(first.key).toBe(KEY.replace('.parquet', `-${first.sha256.slice(0, 16)}.parquet`));
  expect(second.key).not.toBe(first.key);
  expect(await readFile(join(root, first.key), 'utf8')).toBe('first');
  expect(await readFile(join(root, second.key), 'utf8')).toBe('other');
});

test('an existing file is not written again', async () => {
  const { key } = await stored('first');
  const before = await inode(key);
  expect((await stored('first')).key).toBe(key);
  expect(await inode(key)).toBe(before);
});

test.each([
  ['truncated', (path: string) => truncate(path, 2)],
  ['of other bytes', (path: string) => writeFile(path, 'firsT')],
])('a file that is %s is written again', async (_, damage) => {
  const { key } = await stored('first');
  await damage(join(root, key));
  await stored('first');
  expect(await readFile(join(root, key), 'utf8')).toBe('first');
});

test('in a store without a lock, an existing file is written again, so that vacuum keeps it', async () => {
  const { key } = await stored('first');
  const before = await inode(key);
  await stored('first', { ...store, manyWriters: true });
  expect(await inode(key)).not.toBe(before);
});

test('each version of gold has its own folder: other bytes in any part get another folder', async () => {
  const parts = async (...texts: string[]) => {
    const paths = texts.map((_, index) => join(at.folder, `part-${index}`));
    for (const [index, text] of texts.entries()) await writeFile(paths[index] ?? '', text);
    const found = paths.map((path, index) => ({ path, rows: index }));
    return storeGold({ store, scratch: at.folder }, 'gold/year=2026/version=1-id/', found);
  };
  const first = await parts('one', 'two');
  expect(await parts('one', 'two')).toEqual(first);
  const second = await parts('one', 'tow');
  expect(second.prefix).not.toBe(first.prefix);
  for (const { prefix, files } of [first, second]) {
    const names = await readdir(join(root, prefix));
    expect(names.map((name) => `${prefix}${name}`).toSorted()).toEqual(files.map(({ key }) => key));
  }
  expect(first.files.map(({ rows }) => rows)).toEqual([0, 1]);
});

test('the file of customer keys is named by the same rule', () => {
  const sha256 = '0123456789abcdef'.repeat(4);
  expect(namedByContent(customerKeysKey(3, 'id'), sha256)).toBe(
    '_ledger/customer-keys/000000000003-id-0123456789abcdef.parquet',
  );
});

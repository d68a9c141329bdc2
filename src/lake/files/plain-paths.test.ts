import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { DiskFailed, UsageError } from '../../errors.ts';
import { isPlainPath, plainPaths, quotedPath } from './plain-paths.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plain-paths-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const content = (path: string): string => readFileSync(path, 'utf8');

test('an ordinary path is returned unchanged, whether it exists or not, and no link is created', () => {
  using paths = plainPaths(folder);
  for (const path of [
    '/lake/silver/ingestion_date=2026-01-05/0f3a.parquet',
    "/home/zoë/O'Brien & Söhne (2)/it's 100% +@,;:~$^!#.csv",
    '/日本/購入.csv',
  ])
    expect([paths.file(path), paths.folder(path), paths.target(path)]).toEqual([path, path, path]);
  expect(readdirSync(folder)).toEqual([]);
});

test.each(['*', '?', '[', ']', '{', '}', '\\', '\n', '\u0001', '\u007f', '"', '|', '<', '`', '🛒'])(
  'a path with %j is read through a numbered link, the same each time',
  async (mark) => {
    const [path, other] = [join(folder, `a${mark}b.csv`), join(folder, `c${mark}.csv`)];
    await writeFile(path, 'one');
    await writeFile(other, 'two');
    using paths = plainPaths(folder);
    const plain = paths.file(path);
    expect(isPlainPath(plain)).toBe(true);
    expect(plain).toMatch(/links-\w+\/0$/);
    expect(content(plain)).toBe('one');
    expect(paths.file(path)).toBe(plain);
    expect(content(paths.file(other))).toBe('two');
    // Mapping a mapped path returns it unchanged.
    expect(paths.file(plain)).toBe(plain);
  },
);

test('a relative path is never returned unchanged', async () => {
  await writeFile(join(folder, 'x.csv'), 'x');
  const before = process.cwd();
  process.chdir(folder);
  try {
    using paths = plainPaths(folder);
    expect(content(paths.file('x.csv'))).toBe('x');
    expect(isPlainPath(paths.file('x.csv'))).toBe(true);
  } finally {
    process.chdir(before);
  }
});

test('a target is written into the original folder, under its own name', async () => {
  const out = join(folder, 'o[1]');
  await mkdir(out);
  using paths = plainPaths(folder);
  const target = paths.target(join(out, 'answer.parquet'));
  expect(isPlainPath(target)).toBe(true);
  await writeFile(target, 'x');
  expect(readdirSync(out)).toEqual(['answer.parquet']);
  expect(() => paths.target(join(out, '*.parquet'))).toThrow('is not a plain path');
});

test('links are created in the scratch folder, or else the temporary folder, if its path is plain; disposing removes the links and keeps their targets', async () => {
  const odd = join(folder, 'scratch[1]');
  await mkdir(odd);
  const file = join(odd, 'a.csv');
  await writeFile(file, 'x');
  const paths = plainPaths(odd);
  const plain = paths.file(file);
  expect(plain.startsWith(join(tmpdir(), 'links-'))).toBe(true);
  expect(lstatSync(plain).isSymbolicLink()).toBe(true);
  paths[Symbol.dispose]();
  expect(existsSync(join(plain, '..'))).toBe(false);
  expect(content(file)).toBe('x');
});

test('where the path of the temporary folder is not plain, the error names it', async () => {
  const odd = join(folder, 'tmp[1]');
  await mkdir(odd);
  vi.stubEnv('TMPDIR', odd);
  using paths = plainPaths(odd);
  expect(() => paths.file(join(odd, 'a.csv'))).toThrow(UsageError);
  expect(() => paths.file(join(odd, 'a.csv'))).toThrow(/temporary folder .*tmp\[1\]/);
  expect(paths.file('/plain/a.csv')).toBe('/plain/a.csv');
});

test('a failed link is an error of the disk', async () => {
  using paths = plainPaths(join(folder, 'gone'));
  expect(() => paths.file(join(folder, 'a*.csv'))).toThrow(DiskFailed);
});

test('only a plain path is quoted for SQL', () => {
  expect(quotedPath("/o'brien/a.csv")).toBe("'/o''brien/a.csv'");
  expect(() => quotedPath('/a*.csv')).toThrow('is not a plain path');
  expect(() => quotedPath('a.csv')).toThrow('is not a plain path');
});

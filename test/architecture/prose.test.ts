import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Violation } from './arrow.ts';
import { folderViolations } from './folders.ts';
import { commentViolations, wordViolations } from './prose.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** These list the words or plant violations. */
const EXEMPT = new Set(['test/architecture/prose.ts', 'test/architecture/prose.test.ts']);

const below = (folder: string): string[] =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => !path.includes('/node_modules/'));

const CODE = ['src', 'test', 'bench', 'cdk', 'scripts']
  .flatMap(below)
  .filter((path) => /\.(?:ts|tsx|js)$/.test(path) && !EXEMPT.has(path));
const PAGES = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...below('docs').filter((path) => path.endsWith('.md')),
];

const lines = (violations: Violation[]): string[] =>
  violations.map(({ at, fault }) => `${at} ${fault}`);
const read = (path: string): string => readFileSync(root + path, 'utf8');

describe('the code reads well', () => {
  test('a folder holds few files', () => {
    const shipped = CODE.filter((path) => !path.startsWith('test/'));
    expect(lines(folderViolations(shipped))).toEqual([]);
  });

  test('comments are as wide as code', () => {
    expect(lines(CODE.flatMap((path) => commentViolations(path, read(path))))).toEqual([]);
  });

  test('words to avoid occur neither in code nor on pages', () => {
    const all = [...CODE, ...PAGES];
    expect(lines(all.flatMap((path) => wordViolations(path, read(path))))).toEqual([]);
  });
});

describe('a violation that is planted is found', () => {
  test('a folder with one file too many', () => {
    const files = Array.from({ length: 17 }, (_, at) => `src/lake/run/${at}.ts`);
    expect(lines(folderViolations(files))).toEqual(['src/lake/run holds 17 files, more than 16']);
    const tests = Array.from({ length: 17 }, (_, at) => `src/lake/run/${at}.test.ts`);
    expect(folderViolations([...files.slice(1), ...tests])).toEqual([]);
  });

  test.each([
    [`// ${'a'.repeat(98)}`, 1],
    [`/**\n * ${'a'.repeat(98)}\n */`, 2],
    [`const a = 1; // ${'a'.repeat(98)}`, 1],
  ])('a wide comment: %s', (text, line) => {
    expect(lines(commentViolations('src/a.ts', text))).toEqual([
      expect.stringMatching(new RegExp(`^src/a.ts:${line} comment of 1\\d\\d columns`)),
    ]);
  });

  test('a wide string or statement is none of its business', () => {
    expect(commentViolations('src/a.ts', `const a = \`${'a'.repeat(200)}\`;\n// b`)).toEqual([]);
  });

  test.each([
    ['// Whoever reads it', 'Whoever'],
    ['const told = 1;', 'told'],
    ['const isTold = 1;', 'sTold'],
    ['made anew', 'anew'],
    ['whatever happens', 'whatever'],
    ['the order hangs on it', 'hangs on'],
    ['there is no more of it', 'no more'],
    ['Mend the quotes', 'Mend'],
  ])('%s', (text, word) => {
    expect(lines(wordViolations('a.md', `\n${text}`))).toEqual([
      expect.stringContaining(`a.md:2 says "${word}"`),
    ]);
  });

  test.each(['no more than 16', 'a recommended amendment', 'untold'])('not: %s', (text) => {
    expect(wordViolations('a.md', text)).toEqual([]);
  });
});

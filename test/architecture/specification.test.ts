import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');

const sections = new Set(
  [...read('docs/specification.md').matchAll(/^## (\d+)\. /gm)].map(([, number]) => number),
);

/** Numbers that a text cites: `SPEC section 5`, `SPEC sections 4, 12`, `SPEC section 4 and 6`. */
const cited = (text: string): string[] =>
  [...text.matchAll(/SPEC sections? (\d+(?:(?:, | and )\d+)*)/g)].flatMap(([, numbers]) =>
    (numbers ?? '').split(/, | and /),
  );

const broken = (text: string): string[] => cited(text).filter((number) => !sections.has(number));

function filesBelow(folder: string): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => /\.(?:ts|py)$/.test(path));
}

test('every section of the specification that code cites is there', () => {
  const files = ['src', 'cdk', 'glue', 'test', 'bench'].flatMap(filesBelow);
  const wrong = files
    .filter((path) => path !== 'test/architecture/specification.test.ts')
    .flatMap((path) => broken(read(path)).map((number) => `${path} cites section ${number}`));
  expect(wrong).toEqual([]);
  expect(files.flatMap((path) => cited(read(path))).length).toBeGreaterThan(40);
});

test('a citation of a section that is not there is found', () => {
  expect(broken('/** The law (SPEC section 0), money (SPEC sections 5, 99). */')).toEqual(['99']);
});

test('sections are numbered from 0 without a gap', () => {
  expect([...sections]).toEqual(Array.from({ length: sections.size }, (_, at) => String(at)));
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', 'samples'].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.md')),
  ),
];

/** The anchor that a heading has: lower case, no punctuation, hyphens for blanks. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** Targets of a page's links to files of the project that do not exist, headings included. */
function brokenLinks(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
  return links
    .filter((to) => !/^[a-z]+:/.test(to))
    .filter((to) => {
      const [path = '', anchor] = to.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(root + target)) return true;
      if (anchor === undefined) return false;
      return !anchorsIn(readFileSync(root + target, 'utf8')).includes(anchor);
    });
}

test.each(pages)('every link of %s has its target', (page) => {
  expect(brokenLinks(page, readFileSync(root + page, 'utf8'))).toEqual([]);
});

test('a link to no file and one to no heading are found', () => {
  const text = '[a](src/none.ts) [b](README.md#none) [c](README.md) [d](https://example.com/none)';
  expect(brokenLinks('a.md', text)).toEqual(['src/none.ts', 'README.md#none']);
});

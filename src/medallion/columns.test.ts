import { expect, test } from 'vitest';

import { namesInShort } from './columns.ts';

test('the first names of columns are told, each cut at 100 code points, and how many more there are', () => {
  expect(namesInShort(['a', 'b'], 2)).toEqual(['a', 'b']);
  expect(namesInShort(['a', 'b', 'c', 'd'], 2)).toEqual(['a', 'b', '… and 2 more']);
  expect(namesInShort(['😀'.repeat(100), '😀'.repeat(101), 'x'.repeat(10_000_000)], 3)).toEqual([
    '😀'.repeat(100),
    `${'😀'.repeat(100)}…`,
    `${'x'.repeat(100)}…`,
  ]);
});

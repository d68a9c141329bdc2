import { expect, test } from 'vitest';

import { PRESETS } from '../config/presets/presets.ts';
import {
  columnsFound,
  driftOf,
  EXPORT_COLUMNS,
  knownColumns,
  namesInShort,
} from './known-columns.ts';
import { normaliseName } from './fields/column-names.ts';

test('lists the first names of columns, each cut at 100 code points, and the number of the others', () => {
  expect(namesInShort(['a', 'b'], 2)).toEqual(['a', 'b']);
  expect(namesInShort(['a', 'b', 'c', 'd'], 2)).toEqual(['a', 'b', '… and 2 more']);
  expect(namesInShort(['😀'.repeat(100), '😀'.repeat(101), 'x'.repeat(10_000_000)], 3)).toEqual([
    '😀'.repeat(100),
    `${'😀'.repeat(100)}…`,
    `${'x'.repeat(100)}…`,
  ]);
});

const KNOWN = new Set(knownColumns(['Shop Order', 'customer.email']));

test('a message names the columns of sources, and lists all others by position, since they may be data', () => {
  const header = ['Customer-ID', 'Wilhelmina', 'Zyx', 'shop order', 'w@example.org'];
  expect(columnsFound(header, KNOWN)).toBe(
    'customer_id, columns 2 to 3, shop_order, column 5 (names that look like data: is the header line missing?)',
  );
  expect(columnsFound(['customer', 'Rabatt'], KNOWN)).toBe('customer, column 2');
  expect(columnsFound([], KNOWN)).toBe('none');
});

test('lists columns that no field reads, except a name that looks like data', () => {
  expect(driftOf(['note', '2026-01-05', 'w@example.org'], [2, 5, 7])).toEqual([
    'note',
    'column 6',
    'column 8',
  ]);
  expect(driftOf(['note', 'w@example.org'])).toEqual(['note', 'a key that looks like data']);
  expect(driftOf(['1008', 'w@example.org'])).toEqual(['2 keys that look like data']);
});

test('the columns of every preset are known', () => {
  const rules = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : Array.isArray(value)
        ? value.flatMap(rules)
        : Object.entries(value ?? {}).flatMap(([name, inner]) =>
            ['deletes', 'separator', 'constant'].includes(name) ? [] : rules(inner),
          );
  const known = new Set(knownColumns([]));
  const columns = PRESETS.flatMap(({ signature, source }) => [
    ...signature,
    ...rules(source.fields),
  ]);
  expect(columns.map(normaliseName).filter((name) => !known.has(name))).toEqual([]);
  expect(EXPORT_COLUMNS.filter((name) => !columns.map(normaliseName).includes(name))).toEqual([]);
});

import { describe, expect, test } from 'vitest';

import { readJson } from './file/json-reader.ts';
import { readYaml } from './file/yaml-reader.ts';

const laughs = (levels: number, wide: number): string =>
  [
    'l0: &l0 [lol]',
    ...Array.from({ length: levels }, (_, level) => {
      const below = Array.from({ length: wide }, () => `*l${level}`).join(', ');
      return `l${level + 1}: &l${level + 1} [${below}]`;
    }),
  ].join('\n');

describe('a configuration that would take all memory, or the whole stack, is refused by name', () => {
  test.each([
    ['aliases of aliases', laughs(9, 9), /alias/i],
    ['more aliases than anybody writes', laughs(1, 200), /more than 100 aliases/],
    ['a list that holds itself', 'a: &a [*a]', /./],
    ['lists within lists', '['.repeat(20_000), /more than 64 levels/],
    ['maps within maps', '{a: '.repeat(20_000), /more than 64 levels/],
    ['dashes after dashes', '- '.repeat(20_000), /more than 64 levels/],
    ['keys within keys', '? '.repeat(20_000), /more than 64 levels/],
    [
      'a key a line, each further in',
      Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      /more than 64 levels/,
    ],
  ])('YAML: %s', (_, text, message) => {
    const { value, faults } = readYaml(text);
    expect(faults[0]?.message).toMatch(message);
    expect(faults).toHaveLength(1);
    expect(value).toBeUndefined();
  });

  test('YAML: an alias here and there is good, and so is text with brackets, dashes and stars', () => {
    const text = [
      'lake: ./lake',
      'a: &fields { customer_id: id }',
      'b: *fields',
      'c: "[[[[{{{{****"',
      `d: '${'['.repeat(200)}'`,
      `e: x${'- '.repeat(200)}x`,
      'f: |',
      `${' '.repeat(300)}${'['.repeat(200)}`,
      'g:',
      '  - - - [[[[{ h: 1 }]]]]',
    ].join('\n');
    const { value, faults, offsets } = readYaml(text);
    expect(faults).toEqual([]);
    expect(value).toMatchObject({ b: { customer_id: 'id' }, g: [[[[[[[{ h: 1 }]]]]]]] });
    expect(text.slice(offsets.get('b'))).toMatch(/^b: /);
  });

  test.each([
    ['lists', '['.repeat(200_000)],
    ['objects', '{"a":'.repeat(200_000)],
  ])('JSON: %s within %s', (_, text) => {
    const { value, faults } = readJson(text);
    expect(faults[0]?.message).toContain('at most 64 levels');
    expect(value).toBeUndefined();
  });

  test('JSON: a text of ten million characters is read', () => {
    const { value, faults } = readJson(JSON.stringify({ a: 'x"'.repeat(5_000_000) }));
    expect(faults).toEqual([]);
    expect(value).toMatchObject({ a: 'x"'.repeat(5_000_000) });
  });
});

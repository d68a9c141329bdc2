import { assert, json, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from './json-reader.ts';

describe('a JSON document', () => {
  it('is read as JSON.parse reads it', () => {
    assert(
      property(json(), (text) => {
        expect(readJson(text)).toMatchObject({ value: JSON.parse(text), faults: [] });
      }),
    );
  });

  it('has the offset of each key and item', () => {
    const { offsets } = readJson('{ "a": [1, {"b c": 2}] }');
    expect([...offsets]).toEqual([
      ['a', 2],
      ['a[0]', 8],
      ['a[1]', 11],
      ['a[1]["b c"]', 12],
    ]);
  });

  it.each([
    ['', 0, 'expected a value, found the end'],
    ['{"a":1,}', 7, 'expected a key in double quotes, found "}"'],
    ['{"a":1 "b":2}', 7, 'expected a comma or }'],
    ['{"a" 1}', 5, 'expected a colon'],
    ['[1,]', 3, 'expected a value, found "]"'],
    ['{\n// note\n"a":1}', 2, 'JSON has no comments'],
    ["{'a':1}", 1, 'expected a key in double quotes'],
    ['{"a":"x', 5, 'ends with a double quote'],
    ['{"a":"x\ny"}', 5, 'on one line'],
    ['{"a":NaN}', 5, 'expected a value'],
    ['{"a":01}', 6, 'expected a comma or }'],
    ['{} {}', 3, 'expected the end'],
    ['{"a":1,"a":2}', 7, 'duplicate key "a"'],
  ])('%j is refused at %i: %s', (text, offset, message) => {
    const { faults } = readJson(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.offset).toBe(offset);
    expect(faults[0]?.message).toContain(message);
  });

  it('keeps a key named __proto__ a key', () => {
    expect(Object.keys(readJson('{"__proto__": 1}').value as object)).toEqual(['__proto__']);
  });
});

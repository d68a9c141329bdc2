import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonRows, type JsonRow } from './json-rows.ts';
import { scanObject, type Scan } from './scan.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'bronze-json-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const CHUNKS = [1, 2, 3, 7, 1 << 20];

async function scanText(text: string, chunkSize = 1 << 20): Promise<Scan> {
  const path = join(scratch, 'text.json');
  await writeFile(path, text);
  return scanObject({ path, key: 'a/b.json', format: {}, maxInflation: 200, scratch, chunkSize });
}

async function rowsOf(
  text: string,
  chunkSize = 1 << 20,
): Promise<{ layout: string; rows: string[] }> {
  const scan = await scanText(text, chunkSize);
  if (scan.kind !== 'json') throw new Error(`expected json: ${JSON.stringify(scan)}`);
  const rows: JsonRow[] = [];
  for await (const batch of jsonRows(scan, { chunkSize })) rows.push(...batch);
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_, i) => i + 1));
  expect(scan.rows).toBe(rows.length);
  expect(scan.longestRow).toBe(Math.max(0, ...rows.map((row) => Buffer.byteLength(row.text))));
  return { layout: scan.layout, rows: rows.map((row) => row.text) };
}

describe('the layout of a JSON text is found by its content', () => {
  test.each([
    ['array', '[]', []],
    ['array', ' \r\n[ {"a":1} ,\n{"b":[1,{"c":"]},"}]}\t]\n', ['{"a":1}', '{"b":[1,{"c":"]},"}]}']],
    ['array', '[1,"x",null,[2],{}]', ['1', '"x"', 'null', '[2]', '{}']],
    ['array', '[{"a":"\\"},{\\\\"},{}]', ['{"a":"\\"},{\\\\"}', '{}']],
    ['array', '[{"a":"é😀"}]', ['{"a":"é😀"}']],
    ['array', '[{"a" 1,},{"a":01},tru]', ['{"a" 1,}', '{"a":01}', 'tru']],
    ['array', '[{"a":"two\nlines"},{}]', ['{"a":"two\nlines"}', '{}']],
    ['lines', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ['lines', '{"a":1}\r\n\r\n \t\r\n {"a":2} \r\n', ['{"a":1}', '{"a":2}']],
    ['lines', '{"a":1}\r{"a":2}', ['{"a":1}', '{"a":2}']],
    ['lines', '{"a":1}', ['{"a":1}']],
    ['lines', '{"a":1},\n{"a":2},\n', ['{"a":1},', '{"a":2},']],
    ['lines', '{"a":{"b":1}\n{"a":1}}\n', ['{"a":{"b":1}', '{"a":1}}']],
    ['lines', '{"a":"x\n","b":1}', ['{"a":"x', '","b":1}']],
    ['lines', '{"a":1\n"b":2\n', ['{"a":1', '"b":2']],
    ['lines', '{"a":[1}\n]}', ['{"a":[1}', ']}']],
    ['lines', '5\n"x"\ngarbage }\n\0', ['5', '"x"', 'garbage }', '\0']],
    [
      'object',
      '\n{\n  "a": {"b": [1,\r\n 2]},\n "c": "}"\n}\n',
      ['{\n  "a": {"b": [1,\r\n 2]},\n "c": "}"\n}'],
    ],
  ])('%s: %j', async (layout, text, rows) => {
    for (const chunkSize of CHUNKS) expect(await rowsOf(text, chunkSize)).toEqual({ layout, rows });
  });

  test('rows of any JSON values are the values, as an array and as lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.object({ maxDepth: 2, maxKeys: 3 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 5, max: 60 }),
        async (values, chunkSize) => {
          const texts = values.map((value) => JSON.stringify(value));
          expect(await rowsOf(`[${texts.join(' ,\n')}]`, chunkSize)).toEqual({
            layout: 'array',
            rows: texts,
          });
          expect(await rowsOf(texts.join('\n'), chunkSize)).toEqual({
            layout: 'lines',
            rows: texts,
          });
          const pretty = JSON.stringify({ first: 1, values }, null, 2);
          expect(await rowsOf(pretty, chunkSize)).toEqual({ layout: 'object', rows: [pretty] });
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each(['', ' \n\t\r\n', '\ufeff \n'])('%j holds no row', async (text) => {
    expect(await scanText(text)).toMatchObject({ kind: 'empty' });
  });
});

describe('a broken array is unreadable, with the byte where it breaks', () => {
  test.each([
    ['[{"a":1}', 8, 1, 'not all closed'],
    ['[', 1, 0, 'not all closed'],
    ['[{"a":"x', 8, 0, 'string is not closed'],
    ['[{"a":1}]]', 9, 1, 'something follows'],
    ['[{}]\n[{}]', 5, 1, 'something follows'],
    ['[{}], {}', 4, 1, 'something follows'],
    ['[{"a":1} {"a":2}]', 9, 1, 'a comma is missing'],
    ['[{"a":1}{"a":2}]', 8, 1, 'a comma is missing'],
    ['[1 2]', 3, 1, 'a comma is missing'],
    ['["a":1]', 4, 1, 'a comma is missing'],
    ['[x{}]', 2, 0, 'a comma is missing'],
    ['[{},]', 4, 1, 'missing after the last ","'],
    ['[,{}]', 1, 0, 'missing before ","'],
    ['[{},,{}]', 4, 1, 'missing before ","'],
    ['[{"a":[}]}]', 7, 0, 'other kind'],
    ['[{]}]', 2, 0, 'other kind'],
    ['[}]', 1, 0, 'closes nothing'],
  ])('%s', async (text, byte, elements, what) => {
    for (const chunkSize of CHUNKS) {
      const scan = await scanText(text, chunkSize);
      expect(scan).toMatchObject({
        kind: 'unreadable',
        reason: 'file_unreadable',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(scan).toHaveProperty(
        'message',
        expect.stringContaining(`at byte ${byte} of the text, after ${elements} elements: `),
      );
      expect(scan).toHaveProperty('message', expect.stringContaining(what));
    }
  });
});

describe('depth and size', () => {
  test('100,000 levels are one row', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(await rowsOf(`[${deep},{}]`)).toEqual({ layout: 'array', rows: [deep, '{}'] });
    expect((await scanText('['.repeat(100_000))).kind).toBe('unreadable');
  });

  test('an element of 5 MB is one row', async () => {
    const long = JSON.stringify({ a: 'x'.repeat(5 << 20) });
    expect((await rowsOf(`[{},${long}]`)).rows).toEqual(['{}', long]);
  });
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pieces } from '../lake/ports/warehouse-load-rows.ts';
import { recordChunks } from './record-chunks.ts';

async function chunks(csv: string, pieceSize: number, size: number): Promise<string[]> {
  const found: string[] = [];
  for await (const parts of recordChunks(pieces(csv, pieceSize), size)) {
    found.push(Buffer.concat(parts).toString());
  }
  return found;
}

test('a chunk ends at the first end of a record at or after its size', async () => {
  expect(await chunks('1,"a"\n2,"b"\n3,"c"\n', 4, 7)).toEqual(['1,"a"\n2,"b"\n', '3,"c"\n']);
  expect(await chunks('1,"a"\n2,"b"\n', 100, 1)).toEqual(['1,"a"\n', '2,"b"\n']);
});

test('a line feed within quotes ends no record, with any quotes around it', async () => {
  expect(await chunks('1,"a\n""\n"\n2,"""\n"\n', 3, 1)).toEqual(['1,"a\n""\n"\n', '2,"""\n"\n']);
});

test('no byte is lost, and every chunk holds whole records, for any division of the input', async () => {
  const text = fc
    .array(fc.constantFrom('"', '\n', ',', 'a', '\\', '😀'))
    .map((parts) => parts.join(''));
  const sizes = fc.integer({ min: 1, max: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(text), sizes, sizes, async (values, pieceSize, size) => {
      const records = values.map((value, i) => `${i},"${value.replaceAll('"', '""')}"\n`);
      const found = await chunks(records.join(''), pieceSize, size);
      expect(found.join('')).toBe(records.join(''));
      const ends = new Set(records.map((_record, i) => records.slice(0, i + 1).join('').length));
      let end = 0;
      for (const chunk of found) expect(ends.has((end += chunk.length))).toBe(true);
    }),
  );
});

test('an empty file has no chunk', async () => {
  expect(await chunks('', 1, 1)).toEqual([]);
});

import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { rowsLeft } from './objects.ts';
import { wordsOf } from './people.ts';
import { type Lake, whomRowsName } from './lake.ts';
import type { AttackRow } from './rows.ts';
import { tableDump } from './serving.ts';
import type { World } from './world.ts';

/** Words of erased people in any file below the lake or in its table; empty if none are left. */
export async function remainsIn(world: World, lake: Lake): Promise<string> {
  lake.keptTexts.push(...(await textsKept(world, lake)));
  const excused = lake.keptTexts.join('\n');
  const words = lake.erased
    .flatMap((person) => wordsOf(world.people, person))
    .filter((word) => !excused.includes(word));
  if (words.length === 0) return '';
  const table = await tableDump(world, lake);
  const named = words.find((word) => table.includes(word));
  if (named !== undefined) return `the serving table names ${named}`;
  for (const entry of await readdir(lake.root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    for (const text of await textsOf(world, path))
      for (const word of words)
        if (contains(text, word)) return `${relative(lake.root, path)} names ${word}`;
  }
  return '';
}

/**
 * Rows that may concern an erased person and were kept are excluded: the erasure lists them. Their
 * texts stay in the quarantine files of older commits when the object changes later.
 */
async function textsKept(world: World, lake: Lake): Promise<string[]> {
  const whom = whomRowsName(lake, world.people);
  const mayName = (row: AttackRow): boolean => whom(row).maybe.some((one) => erased.includes(one));
  const erased = lake.erased.map(({ index }) => index);
  const texts: string[] = [];
  for (const [key, object] of lake.objects) {
    if (!object.rows.some(mayName)) continue;
    const bytes = await readFile(join(lake.root, 'bronze', key)).catch(() => undefined);
    const left = bytes && rowsLeft(object, bytes);
    for (const [at, row] of object.rows.entries())
      if (left?.[at] === true && mayName(row)) texts.push(object.texts[at] ?? '');
  }
  return texts;
}

async function textsOf(world: World, path: string): Promise<Buffer[]> {
  // Names that no lake accepts may not even be UTF-8.
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return [];
  const texts = [bytes];
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) texts.push(gunzipSync(bytes));
  if (path.endsWith('.parquet') && bytes.subarray(-4).toString('latin1') === 'PAR1')
    texts.push(Buffer.from(JSON.stringify(await world.rows(bytes))));
  return texts;
}

function contains(bytes: Buffer, word: string): boolean {
  return bytes.includes(word) || bytes.includes(Buffer.from(word, 'utf16le'));
}

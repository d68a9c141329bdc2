import { splitterOf, type JsonLayout } from './json-reading.ts';
import { openText, type TextFile } from '../text/text-file.ts';

/** A row as it was read, trimmed; `row` 1 is the object's first. */
export type JsonRow = { row: number; text: string };

const CHUNK = 1 << 20;

/**
 * Yields the rows of a JSON text that `scanObject` could read, in order, in batches of about a
 * chunk.
 */
export async function* jsonRows(
  json: { text: string; layout: JsonLayout },
  options: { chunkSize?: number } = {},
): AsyncGenerator<JsonRow[]> {
  const chunkSize = options.chunkSize ?? CHUNK;
  await using file = await openText(json.text);
  const splitter = splitterOf(json.layout);
  let row = 0;
  for (let offset = 0; offset <= file.size; offset += chunkSize) {
    const chunk = await file.read(offset, chunkSize);
    splitter.push(chunk, offset);
    if (offset + chunkSize > file.size) splitter.end(file.size);
    const batch: JsonRow[] = [];
    for (const [from, to] of pairs(splitter.extents)) {
      row += 1;
      batch.push({ row, text: await textOf(file, chunk, offset, from, to) });
    }
    splitter.extents.length = 0;
    if (batch.length > 0) yield batch;
  }
}

function* pairs(extents: number[]): Generator<[number, number]> {
  for (let at = 0; at < extents.length; at += 2) yield [extents[at] ?? 0, extents[at + 1] ?? 0];
}

/** Reads a row that began before the chunk again from the file, instead of buffering it. */
function textOf(
  file: TextFile,
  chunk: Buffer,
  offset: number,
  from: number,
  to: number,
): string | Promise<string> {
  if (from >= offset) return chunk.toString('utf8', from - offset, to - offset);
  return file.read(from, to - from).then((bytes) => bytes.toString('utf8'));
}

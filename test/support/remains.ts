import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquet } from '../../src/engines/duckdb/files.ts';
import { openSession } from '../../src/engines/duckdb/session.ts';

/**
 * The files below a folder that contain any of the words: in their bytes in any encoding,
 * gunzipped, or in a cell of a Parquet file.
 */
export async function remains(folder: string, words: readonly string[]): Promise<string[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'purchases-remains-'));
  await using session = await openSession({
    memoryLimit: '500MB',
    scratch,
    signal: new AbortController().signal,
  });
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const texts = [bytes];
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) texts.push(gunzipSync(bytes));
    if (path.endsWith('.parquet')) {
      const rows = await session.rows(`select * from ${parquet(session, [path])}`);
      texts.push(Buffer.from(JSON.stringify(rows)));
    }
    if (texts.some((text) => words.some((word) => contains(text, word)))) found.push(path);
  }
  await rm(scratch, { recursive: true, force: true });
  return found;
}

function contains(bytes: Buffer, word: string): boolean {
  const wide = Buffer.from(word, 'utf16le');
  return [Buffer.from(word), wide, Buffer.from(wide).swap16(), Buffer.from(word, 'latin1')].some(
    (spelled) => bytes.includes(spelled),
  );
}

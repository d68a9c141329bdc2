import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isReadable, scanObject, type Scan, type ScanOptions } from './scan.ts';

let folder: string;
let scratch: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bronze-scan-'));
  scratch = await mkdtemp(join(tmpdir(), 'bronze-scratch-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await rm(scratch, { recursive: true });
});

const CHUNKS = [1, 2, 3, 5, 1 << 20];
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function scanBytes(bytes: Uint8Array, options: Partial<ScanOptions> = {}): Promise<Scan> {
  const path = join(folder, 'object');
  await writeFile(path, bytes);
  return scanObject({ path, key: 'a/b.csv', format: {}, maxInflation: 200, scratch, ...options });
}

async function textOf(scan: Scan): Promise<string> {
  if (scan.kind !== 'csv' && scan.kind !== 'json')
    throw new Error(`no text: ${JSON.stringify(scan)}`);
  return (await readFile(scan.text)).toString('utf8');
}

const message = (text: string | RegExp) => ({
  kind: 'unreadable',
  reason: 'file_unreadable',
  message: expect.stringMatching(text),
});

function utf16(text: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

describe('which objects are read, and as what', () => {
  test.each(['a.csv', 'x/B.TSV', 'c.txt.GZ', 'd.json', 'e.JsonL.gz', 'f.ndjson'])(
    '%s is read',
    (key) => {
      expect(isReadable(key)).toBe(true);
    },
  );
  test.each(['a.parquet', 'csv', 'b.csv.zip', 'c.gz', 'd.csv.bak', 'e.csv/'])(
    '%s is not',
    (key) => {
      expect(isReadable(key)).toBe(false);
    },
  );

  test('a declared type beats the ending', async () => {
    expect(
      await scanBytes(Buffer.from('{"a":1}\n'), { key: 'a.txt', format: { type: 'json' } }),
    ).toMatchObject({ kind: 'json', rows: 1 });
  });

  test('plain UTF-8 is read in place: nothing is written', async () => {
    const bytes = Buffer.from('a,b\n1,é\n');
    const scan = await scanBytes(bytes);
    expect(scan).toMatchObject({
      sha256: sha(bytes),
      bytes: bytes.length,
      text: join(folder, 'object'),
      bom: false,
    });
    expect(await readdir(scratch)).toEqual([]);
  });

  test('a missing file is an error of the file system', async () => {
    await expect(
      scanObject({
        path: join(folder, 'none'),
        key: 'a.csv',
        format: {},
        maxInflation: 200,
        scratch,
      }),
    ).rejects.toThrow('ENOENT');
  });
});

describe('encodings', () => {
  const text = 'name,city\nZoë 😀,Köln\n';
  test.each([
    ['UTF-8 with a BOM', Buffer.from(`\ufeff${text}`)],
    ['UTF-16LE', utf16(text, false)],
    ['UTF-16BE', utf16(text, true)],
  ])(
    '%s is detected by its BOM, which overrides a declaration, at every chunk size',
    async (_, bytes) => {
      for (const chunkSize of CHUNKS) {
        const scan = await scanBytes(bytes, { chunkSize, format: { encoding: 'latin1' } });
        expect(scan).toMatchObject({
          kind: 'csv',
          rows: 1,
          header: ['name', 'city'],
          bom: true,
          sha256: sha(bytes),
        });
        expect(await textOf(scan)).toBe(text);
      }
    },
  );

  test('latin1 is ISO 8859-1: bytes 80 to 9F are controls', async () => {
    const bytes = Buffer.from([0x61, 0x0a, 0x80, 0x9f, 0xe9, 0x0a]);
    expect(await textOf(await scanBytes(bytes, { format: { encoding: 'latin1' } }))).toBe(
      'a\n\u0080\u009f\u00e9\n',
    );
  });

  test('windows-1252 has the euro and curly quotes at bytes 80 to 9F', async () => {
    const bytes = Buffer.from([0x61, 0x0a, 0x80, 0x93, 0x94, 0x9f, 0x81, 0xe9, 0x0a]);
    expect(await textOf(await scanBytes(bytes, { format: { encoding: 'windows-1252' } }))).toBe(
      'a\n€“”Ÿ\u0081é\n',
    );
  });

  test('UTF-8 split anywhere is the same text, and an invalid byte is reported at its offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.constantFrom('80', 'c0af', 'c3', 'e08080', 'eda080', 'f09f98', 'f8888080', 'ff'),
        fc.integer({ min: 1, max: 9 }),
        async (good, bad, chunkSize) => {
          const before = Buffer.from(`h\nx${good}`);
          expect(await scanBytes(before, { chunkSize })).toMatchObject({ kind: 'csv' });
          const scan = await scanBytes(
            Buffer.concat([before, Buffer.from(bad, 'hex'), Buffer.from('x\n')]),
            { chunkSize },
          );
          expect(scan).toMatchObject(
            message(
              `Not UTF-8 text: no character begins at byte ${before.length} .*format\\.encoding`,
            ),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    ['an odd length', Buffer.concat([utf16('a\nb', false), Buffer.from([0x41])]), 8],
    ['a high surrogate alone', utf16('a\n\ud83dx', false), 6],
    ['a low surrogate alone', utf16('a\n\ude00x', true), 6],
    ['a high surrogate at the end', utf16('a\n\ud83d', true), 6],
  ])('UTF-16 with %s is unreadable', async (_, bytes, at) => {
    for (const chunkSize of CHUNKS) {
      expect(await scanBytes(bytes, { chunkSize })).toMatchObject({
        ...message(`Not UTF-16[LB]E text: .* byte ${at} `),
        sha256: sha(bytes),
      });
    }
    expect(await readdir(scratch)).toEqual([]);
  });

  test.each([
    ['gzip', gzipSync('a,b\n'), 'Rename'],
    ['zip archive', Buffer.from('504b030414000000', 'hex'), 'themselves'],
    ['UTF-32', Buffer.from('fffe000061000000', 'hex'), 'Send it as UTF-8'],
  ])(
    '%s under another name is reported, even where latin1 is declared',
    async (what, bytes, how) => {
      expect(await scanBytes(bytes, { format: { encoding: 'latin1' } })).toMatchObject(
        message(new RegExp(`${what}.*${how}`)),
      );
    },
  );
});

describe('gzip', () => {
  const text = Buffer.from('a,b\n1,2\n3,4\n');
  const packed = gzipSync(text);
  const gz = { key: 'x/Y.CSV.GZ' };
  const flipped = Buffer.from(packed);
  flipped.writeUInt8((flipped.at(-6) ?? 0) ^ 1, flipped.length - 6);

  test('the text is the decompressed copy, its sha-256 that of the decompressed bytes', async () => {
    for (const chunkSize of CHUNKS) {
      const scan = await scanBytes(packed, { ...gz, chunkSize });
      expect(scan).toMatchObject({ kind: 'csv', rows: 2, bytes: text.length, sha256: sha(text) });
      expect(await textOf(scan)).toBe(text.toString());
    }
  });

  test('concatenated members are one text, and zeros at the end are padding', async () => {
    const members = Buffer.concat([packed, gzipSync('5,6\n'), Buffer.alloc(600)]);
    for (const chunkSize of CHUNKS)
      expect(await scanBytes(members, { ...gz, chunkSize })).toMatchObject({ rows: 3 });
  });

  test.each([
    ['cut short', packed.subarray(0, -3), 'cut short'],
    ['cut short within its header', packed.subarray(0, 6), 'cut short'],
    [
      'cut short within a second member',
      Buffer.concat([packed, packed.subarray(0, -9)]),
      'cut short',
    ],
    ['with a wrong checksum', flipped, 'damaged'],
    ['followed by text', Buffer.concat([packed, text]), 'other bytes after its last member'],
    [
      'followed by zeros and text',
      Buffer.concat([packed, Buffer.alloc(9), text]),
      'other bytes after its last member',
    ],
    ['that is not gzip', text, 'not gzip'],
  ])('a gzip %s is unreadable', async (_, bytes, what) => {
    for (const chunkSize of CHUNKS) {
      expect(await scanBytes(bytes, { ...gz, chunkSize })).toMatchObject({
        ...message(what),
        sha256: undefined,
      });
    }
    expect(await readdir(scratch)).toEqual([]);
  });

  test('a bomb is stopped at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(30 << 20, 'a,b\n'));
    expect(await scanBytes(bomb, gz)).toMatchObject(message('limits.maxInflation'));
    expect(await readdir(scratch)).toEqual([]);
    expect(await scanBytes(bomb, { ...gz, maxInflation: 2000 })).toMatchObject({
      kind: 'csv',
    });
  });

  test('a small file may inflate at any ratio', async () => {
    expect(await scanBytes(gzipSync('a\n'.repeat(400_000)), gz)).toMatchObject({ rows: 399_999 });
  });

  test('an object of 0 bytes is empty, gzip or not', async () => {
    expect(await scanBytes(Buffer.alloc(0), gz)).toMatchObject({ kind: 'empty', bytes: 0 });
    expect(await scanBytes(gzipSync(''), gz)).toMatchObject({
      kind: 'empty',
      bytes: 0,
      sha256: sha(Buffer.alloc(0)),
    });
  });
});

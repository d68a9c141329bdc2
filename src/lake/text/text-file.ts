import { open } from 'node:fs/promises';

/** A file read at offsets; `await using` closes it. */
export type TextFile = {
  readonly size: number;
  /** Reads the bytes from `offset`; fewer than `length` only at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function openText(path: string): Promise<TextFile> {
  const handle = await open(path);
  const { size } = await handle.stat();
  return {
    size,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(
          buffer,
          filled,
          buffer.length - filled,
          offset + filled,
        );
        if (bytesRead === 0)
          throw new Error(`${path} became shorter than ${size} bytes while it was read`);
        filled += bytesRead;
      }
      return buffer;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

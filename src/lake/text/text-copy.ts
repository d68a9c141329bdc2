import { createHash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The text of an object as a file: the object itself, or a copy in the scratch folder. `await
 * using` closes an open copy.
 */
export type TextCopy = {
  /** Writes the next piece of the text, unless the object's own bytes are the text. */
  write(text: Buffer, asIs: boolean): Promise<void>;
  /** Closes the copy and returns the path of the text. */
  close(): Promise<string>;
  /** Removes the copy, if there is one. */
  discard(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export function createTextCopy(
  object: { path: string; key: string; scratch: string },
  packed: boolean,
): TextCopy {
  const path = join(
    object.scratch,
    `${createHash('sha256').update(object.key).digest('hex').slice(0, 32)}.txt`,
  );
  let handle: FileHandle | undefined;
  let copied = false;

  async function closeHandle(): Promise<void> {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  }

  return {
    async write(text, asIs) {
      if (asIs && !packed) return;
      handle ??= await open(path, 'w');
      copied = true;
      for (let at = 0; at < text.length;) {
        at += (await handle.write(text, at, text.length - at)).bytesWritten;
      }
    },
    async close() {
      await closeHandle();
      return copied ? path : object.path;
    },
    async discard() {
      await closeHandle();
      if (copied) await rm(path, { force: true });
    },
    [Symbol.asyncDispose]: closeHandle,
  };
}

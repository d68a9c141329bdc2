import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ListOptions, ObjectInfo, Store } from '../ports/store.ts';

/** A write that was redirected; `path` is undefined where the object was removed. */
type Written = { info: ObjectInfo; path: string | undefined };

/**
 * A store that redirects every write to a local folder. Reads through it return the written
 * objects; the lake itself is not changed.
 */
export function scratchStore(store: Store, folder: string): Store {
  const written = new Map<string, Written>();
  let count = 0;

  async function put(
    key: string,
    content: Uint8Array | { file: string },
    options?: { modified: number },
  ): Promise<void> {
    count += 1;
    await mkdir(folder, { recursive: true });
    // A numbered name, so that an engine does not choose a format by the key's extension.
    const path = join(folder, String(count));
    if ('file' in content) await copyFile(content.file, path);
    else await writeFile(path, content);
    const { size, mtimeMs } = await stat(path);
    const modified = options?.modified ?? Math.floor(mtimeMs / 1000);
    written.set(key, { info: { key, size, etag: `scratch-${count}`, modified }, path });
  }

  async function head(key: string): Promise<ObjectInfo | undefined> {
    const own = written.get(key);
    if (own === undefined) return store.head(key);
    return own.path === undefined ? undefined : own.info;
  }

  return {
    ...store,
    name: `${store.name}, as it would be`,
    list: (prefix, options = {}) => listed(store, written, prefix, options),
    head,
    put,
    async read(key) {
      const own = written.get(key);
      if (own === undefined) return store.read(key);
      return own.path === undefined ? undefined : readFile(own.path);
    },
    async local(key, scratch) {
      return written.get(key)?.path ?? store.local(key, scratch);
    },
    async create(key, content) {
      if ((await head(key)) !== undefined) return false;
      await put(key, content);
      return true;
    },
    async swap(key, content, etag) {
      if ((await head(key))?.etag !== etag) return false;
      await put(key, content);
      return true;
    },
    async remove(key) {
      const info = { key, size: 0, etag: '', modified: 0 };
      written.set(key, { info, path: undefined });
    },
  };
}

async function* listed(
  store: Store,
  written: ReadonlyMap<string, Written>,
  prefix: string,
  options: ListOptions,
): AsyncIterable<ObjectInfo> {
  const found: ObjectInfo[] = [];
  const base = store.list(prefix, options);
  const { after } = options;
  for await (const info of base) if (!written.has(info.key)) found.push(info);
  const isListed = (key: string): boolean =>
    key.startsWith(prefix) && (after === undefined || order(after, key) < 0);
  for (const { info, path } of written.values())
    if (path !== undefined && isListed(info.key)) found.push(info);
  yield* found.toSorted((a, b) => order(a.key, b.key));
}

const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

import type { Store } from '../ports/store.ts';

/**
 * A lake beside the lake: keys under one of `shared` are those of `base`, read only; everything
 * else, and every write, is `own`'s. So a rebuild reads the very bronze, and what it makes touches
 * nothing.
 */
export function overlayStore(base: Store, own: Store, shared: readonly string[]): Store {
  const isShared = (key: string): boolean => shared.some((prefix) => key.startsWith(prefix));
  const of = (key: string): Store => (isShared(key) ? base : own);
  const writable = (key: string): Store => {
    if (isShared(key)) throw new Error(`${key} is only read beside the lake`);
    return own;
  };
  return {
    name: `${own.name}, beside ${base.name}`,
    list: (prefix, options) => of(prefix).list(prefix, options),
    head: (key) => of(key).head(key),
    read: (key) => of(key).read(key),
    local: (key, scratch) => of(key).local(key, scratch),
    create: async (key, content) => writable(key).create(key, content),
    put: async (key, content) => writable(key).put(key, content),
    swap: async (key, content, etag) => writable(key).swap(key, content, etag),
    remove: async (key) => writable(key).remove(key),
  };
}

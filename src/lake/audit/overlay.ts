import type { Store } from '../ports/store.ts';

/**
 * A store that overlays `base`: keys below one of `shared` are read from `base`, read-only; all
 * other reads and every write go to `own`. A rebuild thus reads the lake's bronze without changing
 * the lake.
 */
export function overlayStore(base: Store, own: Store, shared: readonly string[]): Store {
  const isShared = (key: string): boolean => shared.some((prefix) => key.startsWith(prefix));
  const of = (key: string): Store => (isShared(key) ? base : own);
  const writable = (key: string): Store => {
    if (isShared(key)) throw new Error(`${key} is read-only in an overlay`);
    return own;
  };
  return {
    name: `${own.name} over ${base.name}`,
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

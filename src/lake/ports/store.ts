/**
 * Metadata of an object. `modified` is whole seconds since 1970; `etag` changes whenever the
 * content may have changed.
 */
export type ObjectInfo = { key: string; size: number; etag: string; modified: number };

/**
 * An entry of the store that is not an object and is not read, with the reason and a remedy. Where
 * `key` ends with a slash, nothing below it was listed.
 */
export type Skipped = {
  key: string;
  /**
   * `name_refused`: no store accepts such a key. `not_a_file`: a link, pipe or device.
   * `not_readable`: this user may not read it.
   */
  reason: 'name_refused' | 'not_a_file' | 'not_readable';
  message: string;
};

/**
 * `after`: the key to start after. `onSkipped` is called for each entry that is not an object;
 * without it the listing fails and names the entry.
 */
export type ListOptions = { after?: string; onSkipped?: (skipped: Skipped) => void };

/**
 * Objects by key. Keys are relative to the lake's root, `/`-separated, and never start with `/`.
 * Every write is atomic: a reader sees the whole object or none of it.
 */
export type Store = {
  /** Display name for messages: `folder ./lake`, `s3://bucket/prefix`. */
  readonly name: string;
  /**
   * Lists the objects whose key starts with `prefix`, in UTF-8 byte order of the key, starting
   * after `after` where set. Errors: `KeyRefused`.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** Returns the object's metadata, or undefined where there is no object. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Returns the whole content of a small object, or undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /**
   * Writes the object if the key has none; returns false if it has one. Content is bytes or the
   * path of a finished local file.
   */
  create(key: string, content: Uint8Array | { file: string }): Promise<boolean>;
  /**
   * Writes the object, replacing an existing one. `modified` sets its last-modified time where the
   * store `keepsTimes`.
   */
  put(
    key: string,
    content: Uint8Array | { file: string },
    options?: { modified: number },
  ): Promise<void>;
  /**
   * True where several processes may write at once: there is no lock, the ledger decides which
   * commit is first.
   */
  readonly manyWriters?: true;
  /** True where an object can be written with a given last-modified time; S3 cannot. */
  readonly keepsTimes?: true;
  /**
   * Replaces the object if its etag is still `etag`; returns false if it is not, or the object is
   * gone.
   */
  swap(key: string, content: Uint8Array, etag: string): Promise<boolean>;
  /** Removes the object if it exists. */
  remove(key: string): Promise<void>;
  /**
   * Returns the path of a local file with the object's content, valid until `scratch` is removed. A
   * folder store returns the object's own path.
   */
  local(key: string, scratch: string): Promise<string>;
};

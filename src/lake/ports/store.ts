/**
 * An object as the store knows it. `modified` is whole seconds since 1970; `etag` changes whenever
 * the content may have.
 */
export type ObjectInfo = { key: string; size: number; etag: string; modified: number };

/**
 * Something in the store that is no object and is not read, with why and what to do. Where `key`
 * ends with a slash nothing below it was looked at.
 */
export type Skipped = {
  key: string;
  /**
   * `name_refused`: no store takes such a key. `not_a_file`: a link, pipe or device.
   * `not_readable`: this user may not look at it.
   */
  reason: 'name_refused' | 'not_a_file' | 'not_readable';
  message: string;
};

/**
 * Where to begin, and who is told of what is no object; where nobody is, a listing that meets one
 * fails by name.
 */
export type ListOptions = { after?: string; onSkipped?: (skipped: Skipped) => void };

/**
 * Objects by key. Keys are relative to the lake's root, `/`-separated, and never start with `/`.
 * Every write is atomic: a reader sees the whole object or none of it.
 */
export type Store = {
  /** For messages: `folder ./lake`, `s3://bucket/prefix`. */
  readonly name: string;
  /**
   * Objects whose key starts with `prefix`, in UTF-8 byte order of the key, after `after` where
   * given. Errors: `KeyRefused`.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** The object's facts, or undefined where there is none. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** The whole content of a small object, or undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /**
   * Writes the object only where none is there; false where one is. Content is bytes or the path of
   * a finished local file.
   */
  create(key: string, content: Uint8Array | { file: string }): Promise<boolean>;
  /**
   * Writes the object, replacing what was there. `modified` is the last-modified time that it is to
   * have, where the store `keepsTimes`.
   */
  put(
    key: string,
    content: Uint8Array | { file: string },
    options?: { modified: number },
  ): Promise<void>;
  /**
   * Whether several processes may write at once: no lock holds such a lake, its ledger settles who
   * was first.
   */
  readonly manyWriters?: true;
  /** Whether an object can be written with the last-modified time of another; S3 cannot. */
  readonly keepsTimes?: true;
  /**
   * Replaces the object only where its etag is still `etag`; false where it is not, or where it is
   * gone.
   */
  swap(key: string, content: Uint8Array, etag: string): Promise<boolean>;
  /** Removes the object; nothing happens where there is none. */
  remove(key: string): Promise<void>;
  /**
   * The path of a local file with the object's content, valid until `scratch` is removed. A folder
   * store answers the object's own path.
   */
  local(key: string, scratch: string): Promise<string>;
};

import { DeleteObjectCommand, HeadObjectCommand, type S3ClientConfig } from '@aws-sdk/client-s3';
import { objectMissing } from '../../lake/files/object-keys.ts';
import type { ObjectInfo, Store } from '../../lake/ports/store.ts';
import { isAbsent, onS3 } from './failures.ts';
import { infoOf, listed } from './listing.ts';
import { addressOf, openPlace } from './place.ts';
import { readToFile, readWhole } from './reading.ts';
import { scratchFiles } from './scratch.ts';
import { written } from './writing.ts';

export type S3Options = {
  /** The bytes that local copies of objects may occupy at once. */
  scratchBytes: number;
  /** Returns a number from 0 to below 1, from which pauses are drawn. */
  random(): number;
  /** Settings of the SDK's client in place of those it finds itself. */
  client?: S3ClientConfig;
};

/**
 * A lake in a bucket, or below a prefix of one. The ledger's writes are S3's own conditional
 * writes, so any number of writers may run at once. Errors: `RemoteFailed` if the service fails,
 * `RemoteRefused` for credentials or permissions, `KeyRefused`.
 */
export function s3Store(uri: string, options: S3Options): Store {
  const place = openPlace(uri, options.client ?? {}, options.random);
  const copies = scratchFiles(options.scratchBytes);
  const name = uri.replace(/\/+$/, '');

  async function head(key: string): Promise<ObjectInfo | undefined> {
    try {
      return infoOf(key, await place.client.send(new HeadObjectCommand(addressOf(place, key))));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  return {
    name,
    manyWriters: true,
    list: (prefix, which = {}) => listed(place, prefix, which),
    head: (key) => onS3(`look at ${name}/${key}`, () => head(key)),
    read: (key) => onS3(`read ${name}/${key}`, () => readWhole(place, key)),
    create: (key, content) =>
      onS3(`write ${name}/${key}`, () => written(place, key, content, { IfNoneMatch: '*' })),
    put: (key, content) =>
      onS3(`write ${name}/${key}`, async () => void (await written(place, key, content))),
    swap: (key, content, etag) =>
      onS3(`write ${name}/${key}`, () => written(place, key, content, { IfMatch: `"${etag}"` })),
    remove: (key) =>
      onS3(`remove ${name}/${key}`, async () => {
        await place.client.send(new DeleteObjectCommand(addressOf(place, key)));
      }),
    local: async (key, scratch) => {
      addressOf(place, key);
      return copies(key, scratch, async (path, room) => {
        if (await onS3(`read ${name}/${key}`, () => readToFile(place, key, path, room))) return;
        throw objectMissing(key, name);
      });
    },
  };
}

import { type S3Options, s3Store } from './s3.ts';

/**
 * Reads one object by its `s3://bucket/key`; undefined if it does not exist. Errors: as the
 * store's.
 */
export async function readS3Object(
  uri: string,
  options: Pick<S3Options, 'random' | 'client'>,
): Promise<Uint8Array | undefined> {
  const [, bucket = '', key = ''] = /^(s3:\/\/[^/]+)\/(.+)$/s.exec(uri) ?? [];
  return s3Store(bucket, { ...options, scratchBytes: 0 }).read(key);
}

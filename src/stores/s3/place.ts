import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { MAX_KEY_BYTES, namesOf, refused } from '../../lake/files/object-keys.ts';

/** A bucket, and the prefix of every key of the lake in it: empty, or ending with a slash. */
export type Place = { client: S3Client; bucket: string; base: string; random(): number };

/**
 * Opens a client for `s3://bucket/prefix`. The SDK finds credentials, region and endpoint as every
 * AWS tool does (AWS_ENDPOINT_URL; if its host is an IP address, the bucket goes into the path). A
 * throttled or failed request is tried seven times with growing, jittered pauses.
 */
export function openPlace(uri: string, config: S3ClientConfig, random: () => number): Place {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/*$/s.exec(uri) ?? [];
  const client = new S3Client({
    maxAttempts: 7,
    followRegionRedirects: true,
    // A name with dots matches no wildcard certificate.
    ...(bucket.includes('.') ? { forcePathStyle: true } : {}),
    requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
    ...config,
  });
  return { client, bucket, base: prefix === '' ? '' : `${prefix}/`, random };
}

/** Returns the object's address for a request, or throws `KeyRefused`. */
export function addressOf({ bucket, base }: Place, key: string): { Bucket: string; Key: string } {
  namesOf(key);
  const whole = base + key;
  const bytes = Buffer.byteLength(whole);
  if (bytes > MAX_KEY_BYTES)
    throw refused(key, `has ${bytes} bytes with the lake's prefix, more than ${MAX_KEY_BYTES}`);
  return { Bucket: bucket, Key: whole };
}

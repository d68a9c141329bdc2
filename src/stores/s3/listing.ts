import { ListObjectsV2Command, type _Object as Listed } from '@aws-sdk/client-s3';
import { KeyRefused } from '../../errors.ts';
import { isHidden, namesOf, skipped } from '../../lake/files/object-keys.ts';
import type { ListOptions, ObjectInfo } from '../../lake/ports/store.ts';
import { onS3 } from './failures.ts';
import type { Place } from './place.ts';

/**
 * Lists the objects whose keys start with the prefix, a thousand per request, in S3's order, which
 * is that of UTF-8 bytes. The empty objects with which the console shows folders, and hidden files,
 * are skipped. A key that no store accepts is passed to `onSkipped`, or refused by name: a file
 * that is skipped silently would be missing from the totals.
 */
export async function* listed(
  { client, bucket, base }: Place,
  prefix: string,
  { after, onSkipped }: ListOptions,
): AsyncGenerator<ObjectInfo> {
  let token: string | undefined;
  do {
    const page = await onS3(`list s3://${bucket}/${base}${prefix}`, () =>
      client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: base + prefix,
          // Keys may hold characters that XML cannot.
          EncodingType: 'url',
          ...(after === undefined ? {} : { StartAfter: base + after }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      ),
    );
    for (const object of page.Contents ?? []) {
      const key = decoded(object.Key ?? '').slice(base.length);
      if (isObject(key, object, onSkipped)) yield infoOf(key, object);
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

const decoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

function isObject(key: string, { Size }: Listed, onSkipped: ListOptions['onSkipped']): boolean {
  if (key === '' || (key.endsWith('/') && Size === 0)) return false;
  if (key.split('/').some(isHidden)) return false;
  try {
    namesOf(key);
    return true;
  } catch (error) {
    if (onSkipped === undefined || !(error instanceof KeyRefused)) throw error;
    onSkipped(skipped(key, 'name_refused', error));
    return false;
  }
}

type Facts = {
  Size?: number | undefined;
  ContentLength?: number | undefined;
  ETag?: string | undefined;
  LastModified?: Date | undefined;
};

export function infoOf(key: string, facts: Facts): ObjectInfo {
  return {
    key,
    size: facts.Size ?? facts.ContentLength ?? 0,
    etag: (facts.ETag ?? '').replaceAll('"', ''),
    modified: Math.floor((facts.LastModified?.getTime() ?? 0) / 1000),
  };
}

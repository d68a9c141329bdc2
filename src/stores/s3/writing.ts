import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { Store } from '../../lake/ports/store.ts';
import { isAbsent, statusOf } from './failures.ts';
import { addressOf, type Place } from './place.ts';

type Content = Parameters<Store['put']>[1];
type Condition = Pick<PutObjectCommandInput, 'IfNoneMatch' | 'IfMatch'>;

/**
 * Larger files are uploaded in parts of this size, four at a time. A commit is never that large: it
 * is one plain PutObject.
 */
export const PART_BYTES = 16 << 20;
const PARTS_AT_ONCE = 4;
/**
 * Two conditional writes of one key at once: S3 answers the loser with 409, which does not name a
 * winner.
 */
const CONFLICT = 409;
const CONFLICT_TRIES = 10;

/**
 * Writes an object; false if its condition does not hold. If a response was lost, the SDK repeats
 * the request, and a `create` that had won then returns false: a caller that must know reads the
 * object.
 */
export async function written(
  place: Place,
  key: string,
  content: Content,
  condition: Condition = {},
): Promise<boolean> {
  const address = addressOf(place, key);
  for (let tries = 1; ; tries += 1) {
    try {
      await upload(place, { ...address, ...condition }, content);
      return true;
    } catch (error) {
      const status = statusOf(error);
      // Replacing an absent object is answered with 404.
      if (status === 412 || (condition.IfMatch !== undefined && isAbsent(error))) return false;
      if (status !== CONFLICT || tries === CONFLICT_TRIES) throw error;
      await setTimeout(place.random() * Math.min(2000, 20 * 2 ** tries));
    }
  }
}

async function upload(
  { client }: Place,
  address: { Bucket: string; Key: string } & Condition,
  content: Content,
): Promise<void> {
  if (!('file' in content)) {
    await client.send(new PutObjectCommand({ ...address, Body: content }));
    return;
  }
  if ((await stat(content.file)).size <= PART_BYTES) {
    // From memory, so that a failed try can be repeated from the start.
    await client.send(new PutObjectCommand({ ...address, Body: await readFile(content.file) }));
    return;
  }
  const { Upload } = await import('@aws-sdk/lib-storage');
  const Body = createReadStream(content.file, { highWaterMark: 1 << 20 });
  const parts = { partSize: PART_BYTES, queueSize: PARTS_AT_ONCE };
  await new Upload({ client, params: { ...address, Body }, ...parts }).done();
}

import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { BronzeChanged, RemoteFailed } from '../../errors.ts';
import { isAbsent, isBroken, statusOf } from './failures.ts';
import { addressOf, type Place } from './place.ts';

/**
 * Objects are read in ranges of this size, several at a time: a single connection transfers some 80
 * MB a second.
 */
export const RANGE_BYTES = 8 << 20;
const RANGES_AT_ONCE = 6;
const TRIES = 5;

type Piece = { bytes: Uint8Array; etag: string; total: number };

/** Returns the content of a small object; undefined if it does not exist. */
export async function readWhole(place: Place, key: string): Promise<Uint8Array | undefined> {
  const address = addressOf(place, key);
  return unbroken(place, async () => {
    try {
      const { Body } = await place.client.send(new GetObjectCommand(address));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  });
}

/**
 * Writes the object's content to a local file; `room` receives its size before more than the first
 * range is read. Returns false if the object does not exist. All ranges are of one version: an
 * object that is replaced meanwhile is read again from the start. Error: `BronzeChanged` if that
 * happens repeatedly.
 */
export async function readToFile(
  place: Place,
  key: string,
  path: string,
  room: (bytes: number) => void,
): Promise<boolean> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const first = await readRange(place, key, 0, undefined);
    if (first === undefined) return false;
    room(first.total);
    await using file = await open(path, 'w');
    await file.writeFile(first.bytes);
    if (await readRest(place, key, file, first)) return true;
  }
  throw new BronzeChanged(`${key} was replaced repeatedly while it was read.`, {
    hint: 'The run plans again with the current object.',
  });
}

/** Returns false if the object changed after its first range. */
async function readRest(
  place: Place,
  key: string,
  file: FileHandle,
  first: Piece,
): Promise<boolean> {
  const starts: number[] = [];
  for (let at = RANGE_BYTES; at < first.total; at += RANGE_BYTES) starts.push(at);
  let whole = true;
  const worker = async (): Promise<void> => {
    for (let at = starts.shift(); at !== undefined && whole; at = starts.shift()) {
      const piece = await readRange(place, key, at, first.etag);
      if (piece === undefined) whole = false;
      else await file.write(piece.bytes, 0, piece.bytes.length, at);
    }
  };
  await Promise.all(Array.from({ length: RANGES_AT_ONCE }, worker));
  return whole;
}

/**
 * Reads a range of the version with the etag, or of any version without one; undefined if it does
 * not exist.
 */
async function readRange(
  place: Place,
  key: string,
  from: number,
  etag: string | undefined,
): Promise<Piece | undefined> {
  const Range = `bytes=${from}-${from + RANGE_BYTES - 1}`;
  const condition = etag === undefined ? {} : { IfMatch: etag };
  return unbroken(place, async () => {
    try {
      const command = new GetObjectCommand({ ...addressOf(place, key), Range, ...condition });
      const { Body, ContentRange, ETag } = await place.client.send(command);
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      const total = Number(ContentRange?.split('/')[1] ?? bytes.length);
      checkLength(key, bytes, Math.min(RANGE_BYTES, total - from));
      return { bytes, etag: ETag ?? '', total };
    } catch (error) {
      // S3 cannot return a range of an empty object.
      if (statusOf(error) === 416 && from === 0)
        return { bytes: new Uint8Array(), etag: '', total: 0 };
      if (isAbsent(error) || statusOf(error) === 412 || statusOf(error) === 416) return undefined;
      throw error;
    }
  });
}

/** A checksum covers whole objects only: for a range, only the length can be checked. */
function checkLength(key: string, { length }: Uint8Array, expected: number): void {
  if (length !== expected)
    throw new RemoteFailed(`${key} was cut off: ${length} of ${expected} bytes arrived.`, {
      hint: 'Run again.',
    });
}

/** Runs a read again if its body broke off: the SDK retries only until a response has begun. */
async function unbroken<T>({ random }: Place, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      const isTransient = isBroken(error) || error instanceof RemoteFailed;
      if (!isTransient || tries === TRIES) throw error;
      await setTimeout(random() * 100 * 2 ** tries);
    }
  }
}

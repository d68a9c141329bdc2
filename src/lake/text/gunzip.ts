import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { openText } from './text-file.ts';
import { Unreadable } from './unreadable.ts';

/**
 * Below this size a gzip may inflate at any ratio: a small file of equal rows reaches 1000 to 1.
 */
const FLOOR_BYTES = 1 << 20;

/**
 * Yields the decompressed bytes of a gzip file, members concatenated. Throws `Unreadable` for a
 * file that is truncated, fails its checksum, holds other bytes after its last member (zeros are
 * padding), or inflates to more than `maxInflation` times its size.
 */
export async function* gunzipChecked(
  path: string,
  maxInflation: number,
  chunkSize: number,
): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  if (size === 0) return;
  await refuseOther(path);
  const most = Math.max(FLOOR_BYTES, size * maxInflation);
  const source = createReadStream(path, { highWaterMark: chunkSize });
  const gunzip = createGunzip({ chunkSize: Math.max(64, chunkSize) });
  source.on('error', (error) => gunzip.destroy(error));
  let written = 0;
  try {
    for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) {
      written += chunk.length;
      if (written > most) throw tooInflated(size, most, maxInflation);
      yield chunk;
    }
  } catch (error) {
    throw explained(error, written);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  // zlib stops without an error at a zero byte after a member: padding is allowed, other bytes
  // after it are not.
  await refuseTrailing(path, gunzip.bytesWritten);
}

function tooInflated(size: number, most: number, maxInflation: number): Unreadable {
  return new Unreadable(
    `The gzip file of ${size} bytes inflates to more than ${most} bytes, ${maxInflation} times its size. ` +
      'If it is honest, raise limits.maxInflation or send it uncompressed.',
  );
}

function explained(error: unknown, written: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') {
    return new Unreadable(
      `The gzip file is cut short: it ends after ${written} decompressed bytes. Send the whole file again.`,
    );
  }
  if (code !== 'Z_DATA_ERROR') return error;
  const { message } = error as Error;
  return new Unreadable(
    message === 'incorrect header check'
      ? 'The gzip file holds other bytes after its last member. Send the file again.'
      : `The gzip file is damaged after ${written} decompressed bytes or more (${message}). Send the file again.`,
  );
}

async function refuseOther(path: string): Promise<void> {
  await using file = await openText(path);
  const start = await file.read(0, 2);
  if (start[0] === 0x1f && (start[1] ?? 0x8b) === 0x8b) return;
  throw new Unreadable(
    'The name ends in .gz, but the content is not gzip. Send it compressed, or rename it.',
  );
}

async function refuseTrailing(path: string, from: number): Promise<void> {
  await using file = await openText(path);
  for (let at = from; at < file.size; at += 1 << 16) {
    const rest = await file.read(at, 1 << 16);
    if (rest.some((byte) => byte !== 0)) {
      throw new Unreadable(
        `The gzip file holds other bytes after its last member, at byte ${from}. Send the file again.`,
      );
    }
  }
}

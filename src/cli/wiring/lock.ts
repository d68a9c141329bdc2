import { dirname } from 'node:path';

import type { Config } from '../../config/config.ts';
import { isS3 } from '../../config/locations.ts';

/**
 * Makes this process the one that writes: a folder, and PGlite, bear no second one. In S3 the
 * ledger itself settles who wins, so that a laptop may run beside the pipeline in AWS; only an
 * embedded database is held. Where `reading` says so, a lake that cannot be written is read all the
 * same. Error: `LakeBusy`.
 */
export async function holdLake(
  { lake, warehouse }: Pick<Config, 'lake' | 'warehouse'>,
  holder: { command: string; now: Date; reading?: boolean },
): Promise<AsyncDisposable> {
  const embedded = warehouse.kind === 'pglite' ? dirname(warehouse.folder) : undefined;
  const folder = isS3(lake) ? embedded : lake;
  if (folder === undefined) return { [Symbol.asyncDispose]: async () => {} };
  const { lockLake } = await import('../../stores/filesystem/lock.ts');
  return lockLake(folder, holder);
}

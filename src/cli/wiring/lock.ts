import { dirname } from 'node:path';

import type { Config } from '../../config/config.ts';
import { isS3 } from '../../config/locations.ts';

/**
 * Locks the lake for this process: a folder and PGlite allow one writer at a time. In S3 the ledger
 * decides between writers, so that a laptop may run next to the pipeline in AWS; only an embedded
 * database is locked. With `reading`, a lake that cannot be written may be read without a lock.
 * Error: `LakeBusy`.
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

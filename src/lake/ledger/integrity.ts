import { LedgerDamaged } from '../../errors.ts';
import { fileCrc32, fileDigest } from './file-digest.ts';
import { LEDGER } from '../layout.ts';
import type { Workspace } from '../ports/engine.ts';
import type { DataFile } from './records.ts';

/**
 * Describes the damage of a file that the ledger names; undefined where it matches the record.
 * CRC-32 detects accidental damage in half the time of the sha-256 (it is also Parquet's checksum
 * for pages); `thorough` compares the sha-256 to detect forgeries.
 */
export async function fileDamage(
  { store, scratch, signal }: Workspace,
  file: DataFile,
  { thorough = false } = {},
): Promise<string | undefined> {
  signal.throwIfAborted();
  const info = await store.head(file.key);
  if (info === undefined) return 'it is missing';
  if (info.size !== file.size) return `it has ${info.size} bytes, but ${file.size} were recorded`;
  const path = await store.local(file.key, scratch);
  if (file.crc32 !== undefined && !thorough)
    return (await fileCrc32(path)) === file.crc32
      ? undefined
      : 'its content is not what was recorded (CRC-32)';
  return (await fileDigest(path)).sha256 === file.sha256
    ? undefined
    : 'its content is not what was recorded (sha-256)';
}

/**
 * Checks that files match the ledger. Error: `LedgerDamaged`, naming the file.
 */
export async function mustBeIntact(
  workspace: Workspace,
  files: readonly DataFile[],
): Promise<void> {
  for (const file of files) {
    const damage = await fileDamage(workspace, file);
    if (damage === undefined) continue;
    throw new LedgerDamaged(`The file ${file.key} is damaged: ${damage}.`, {
      hint: file.key.startsWith(LEDGER)
        ? 'Nothing was changed. Restore it from a backup of the lake.'
        : 'Nothing was changed. Rebuild it from bronze: purchases rebuild.',
    });
  }
}

/**
 * Runs `use` while the files that it reads are checked; its result is returned only if all files
 * match the ledger. Error: `LedgerDamaged`, naming the file, also where `use` failed.
 */
export async function whileIntact<T>(
  workspace: Workspace,
  files: readonly DataFile[],
  use: () => Promise<T>,
): Promise<T> {
  const [checked, used] = await Promise.allSettled([mustBeIntact(workspace, files), use()]);
  if (checked.status === 'rejected') throw checked.reason;
  if (used.status === 'rejected') throw used.reason;
  return used.value;
}

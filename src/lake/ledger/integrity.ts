import { LedgerDamaged } from '../../errors.ts';
import { fileCrc32, fileDigest } from './file-digest.ts';
import { LEDGER } from '../layout.ts';
import type { Workspace } from '../ports/engine.ts';
import type { DataFile } from './records.ts';

/**
 * What is wrong with a file that the ledger names, in words; undefined where it is what was
 * recorded. Whatever a disk does to it by chance, its CRC-32 tells (Parquet itself has none other
 * for its pages), in half of the time; whoever looks for forgeries is `thorough`.
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
 * Refuses to go on from files that are not what the ledger recorded. Error: `LedgerDamaged`, naming
 * the file.
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
        : 'Nothing was changed. Make it anew from bronze: purchases rebuild.',
    });
  }
}

/**
 * Uses files that the ledger names while they are checked: what was made of them counts only where
 * all are what was recorded. Error: `LedgerDamaged`, naming the file, whatever became of the use.
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

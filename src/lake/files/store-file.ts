import { createHash } from 'node:crypto';

import { fileDigest } from '../ledger/file-digest.ts';
import { goldFolder, namedByContent } from '../layout.ts';
import type { Workspace } from '../ports/engine.ts';
import type { DataFile } from '../ledger/records.ts';

/** A finished local file with its key, to which the digest of its bytes is added. */
export type FileToStore = { path: string; key: string; rows: number };

type Target = Pick<Workspace, 'store' | 'scratch'>;

/**
 * Writes a finished local file to the lake under a name that covers its bytes. Returns its ledger
 * record.
 */
export async function storeFile(
  target: Target,
  { path, key, rows }: FileToStore,
): Promise<DataFile> {
  const digest = await fileDigest(path);
  const file = { key: namedByContent(key, digest.sha256), ...digest, rows };
  await putFile(target, path, file);
  return file;
}

/**
 * Writes the files of one version of gold to a folder of their own: `prefix` plus part of a digest
 * of all of them. A retried step that writes other bytes gets another folder, so that no folder
 * holds two versions.
 */
export async function storeGold(
  target: Target,
  prefix: string,
  parts: readonly Omit<FileToStore, 'key'>[],
): Promise<{ prefix: string; files: DataFile[] }> {
  const digests = [];
  for (const { path } of parts) digests.push(await fileDigest(path));
  const all = createHash('sha256').update(digests.map(({ sha256 }) => sha256).join());
  const folder = goldFolder(prefix, all.digest('hex'));
  const files: DataFile[] = [];
  for (const [at, digest] of digests.entries()) {
    const { path = '', rows = 0 } = parts[at] ?? {};
    const key = namedByContent(
      `${folder}part-${String(at).padStart(5, '0')}.parquet`,
      digest.sha256,
    );
    files.push({ key, ...digest, rows });
    await putFile(target, path, { key, ...digest, rows });
  }
  return { prefix: folder, files };
}

/**
 * Writes the file if it does not exist or is damaged; its name determines its bytes. In a store
 * without a lock an existing file is written again as well, since `vacuum` may be about to remove
 * an old file that no commit names.
 */
async function putFile(target: Target, path: string, file: DataFile): Promise<void> {
  const { store } = target;
  if (await store.create(file.key, { file: path })) return;
  if (store.manyWriters === true || !(await isIntact(target, file)))
    await store.put(file.key, { file: path });
}

async function isIntact({ store, scratch }: Target, file: DataFile): Promise<boolean> {
  const info = await store.head(file.key);
  if (info?.size !== file.size) return false;
  const { sha256 } = await fileDigest(await store.local(file.key, scratch));
  return sha256 === file.sha256;
}

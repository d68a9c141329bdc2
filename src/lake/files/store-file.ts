import { createHash } from 'node:crypto';

import { fileDigest } from '../ledger/file-digest.ts';
import { goldFolder, namedByContent } from '../layout.ts';
import type { Workspace } from '../ports/engine.ts';
import type { DataFile } from '../ledger/records.ts';

/** A finished local file with the key that it would have if names did not cover the bytes. */
export type FileToStore = { path: string; key: string; rows: number };

type Target = Pick<Workspace, 'store' | 'scratch'>;

/**
 * Puts a finished local file into the lake under a name that covers its bytes; answers what the
 * ledger records of it.
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
 * Puts the files of one gold into a folder of their own, `prefix` and part of a digest of all of
 * them. A step that is tried again and writes other bytes gets another folder, so that no folder
 * ever holds two golds.
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
 * The name says what the bytes are: what is there already is left alone, unless it is damaged,
 * which writing it again repairs. Where no lock keeps `vacuum` away it is written again as well,
 * since an old file that no commit names may be about to be removed.
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

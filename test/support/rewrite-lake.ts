import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeParquet } from '../../src/engines/duckdb/parquet.ts';
import { openSession } from '../../src/engines/duckdb/session.ts';
import { commitKey } from '../../src/lake/layout.ts';
import { readCommit } from '../../src/lake/ledger/ledger.ts';
import type { Commit, DataFile } from '../../src/lake/ledger/records.ts';
import { sealed } from '../../src/lake/ledger/seal.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { literal } from '../../src/medallion/sql/text.ts';

/** Rewrites a lake's only commit as an earlier version would have written it. */
export async function rewriteCommit(
  lake: string,
  edit: (commit: Commit) => object | Promise<object>,
): Promise<void> {
  const { commit } = await readCommit(folderStore(lake), commitKey(1));
  const { digest: _, ...edited } = (await edit(commit)) as { digest?: string };
  const path = join(lake, commitKey(1));
  await rm(path);
  await writeFile(path, sealed(edited));
}

/**
 * Rewrites a Parquet file of the lake, in its place or under another key; `select` reads from
 * `{file}`. Returns the file's record for a commit.
 */
export async function rewriteFile(
  lake: string,
  file: DataFile,
  select: string,
  key = file.key,
): Promise<DataFile> {
  const path = join(lake, file.key);
  await using session = await openSession({
    memoryLimit: '200MB',
    threads: 1,
    scratch: join(lake, '..', 'rewrite'),
    signal: new AbortController().signal,
  });
  const rewritten = `${path}.made`;
  const rows = await writeParquet(
    session,
    select.replace('{file}', `read_parquet(${literal(path)}, hive_partitioning = false)`),
    rewritten,
  );
  const bytes = await readFile(rewritten);
  await rm(path);
  await writeFile(join(lake, key), bytes);
  await rm(rewritten);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { key, size: bytes.length, sha256, rows };
}

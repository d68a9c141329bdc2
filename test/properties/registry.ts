import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openSession } from '../../src/engines/duckdb/session.ts';
import { writeParquet } from '../../src/engines/duckdb/parquet.ts';
import { customerKeysKey } from '../../src/lake/layout.ts';
import { publish, readLedger } from '../../src/lake/ledger/ledger.ts';
import type { Store } from '../../src/lake/ports/store.ts';
import { literal } from '../../src/medallion/sql/text.ts';

/** A first commit that holds only customer keys, as earlier runs would have left them. */
export async function seedRegistry(
  store: Store,
  scratch: string,
  registry: ReadonlyMap<string, number>,
): Promise<void> {
  const path = join(scratch, 'registry.parquet');
  const rows = [...registry].map(([key, id]) => `(${literal(key)}, cast(${id} as bigint))`);
  await using session = await openSession({
    memoryLimit: '100MB',
    threads: 1,
    scratch,
    signal: new AbortController().signal,
  });
  await writeParquet(
    session,
    `select * from (values ${rows.join(', ')}) as keys(customer_key, customer_id)`,
    path,
  );
  const key = customerKeysKey(1, 'seed');
  await store.put(key, { file: path });
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const file = { key, size: (await stat(path)).size, sha256, rows: registry.size };
  await publish(store, await readLedger(store), {
    format: 1,
    seq: 1,
    lake: 'seed',
    attempt: 'seed',
    run_id: 'seed',
    committed_at: '2026-04-01T00:00:00.000Z',
    previous: null,
    rates: { digest: 'none', newest: '', origin: 'none' },
    objects: { added: [], replaced: [], remade: [], removed: [] },
    files: [],
    keys: { files: [file], next: Math.max(...registry.values()) + 1 },
    gold: null,
  });
}

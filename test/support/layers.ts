import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { viewsOfNewest } from '../../src/catalog/views.ts';
import { openReadOnly } from '../../src/engines/duckdb/read/query.ts';
import type { Store } from '../../src/lake/ports/store.ts';

/**
 * A lake's layers as sorted text, one line per row. Names of files are left out: they contain the
 * run that wrote them.
 */
export type Layers = { silver: string[]; quarantine: string[]; gold: string[] };

/** The content of a lake's newest commit. */
export async function layersOf(store: Store): Promise<Layers> {
  const scratch = await mkdtemp(join(tmpdir(), 'purchases-layers-'));
  try {
    await using reader = await openReadOnly({
      ...(await viewsOfNewest(store, scratch)),
      scratch,
      memoryLimit: '500MB',
      signal: new AbortController().signal,
    });
    const lines = async (sql: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const { rows } of reader.stream(sql))
        found.push(...rows.map((row) => JSON.stringify(row)));
      return found.toSorted();
    };
    return {
      silver: await lines('select * from silver'),
      quarantine: await lines('select * from quarantine'),
      gold: await lines('select * from gold'),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

import { viewsOfNewest } from '../../src/catalog/views.ts';
import { openSession, type Session } from '../../src/engines/duckdb/session.ts';
import type { Store } from '../../src/lake/ports/store.ts';

/** Opens a DuckDB session with the views of a lake's newest commit. */
export async function openViews(
  { store, scratch }: { store: Store; scratch: string },
  memoryLimit = '300MB',
): Promise<Session> {
  const { statements } = await viewsOfNewest(store, scratch);
  const session = await openSession({
    memoryLimit,
    threads: 1,
    scratch,
    signal: new AbortController().signal,
  });
  for (const statement of statements) await session.run(statement);
  return session;
}

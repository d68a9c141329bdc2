import { expect, test } from 'vitest';

import { commitKey, goldPrefix } from '../layout.ts';
import { applied, publish, readCommit } from '../ledger/ledger.ts';
import { type Commit, emptyState, type LakeState, type ObjectRecord } from '../ledger/records.ts';
import type { Catalog } from './catalog.ts';
import type { Store } from './store.ts';

/**
 * A catalog without a publication, over an empty store; `shown` returns everything that readers
 * use, comparable with `toEqual`.
 */
export type OpenedCatalog = { catalog: Catalog; store: Store; shown(): Promise<unknown> };

/** Tests of the `Catalog` contract. `open` is called for each test. */
export function catalogConformance(open: () => Promise<OpenedCatalog>): void {
  test('a catalog without a publication has no seq', async () => {
    const { catalog } = await open();
    expect(await catalog.seq()).toBeNull();
  });

  test('readers see the published commit, then the next one', async () => {
    const { catalog, store, shown } = await open();
    const first = await committed(store, emptyState(), '2026-01-31');
    await catalog.publish(first);
    expect(await catalog.seq()).toBe(1);
    const before = await shown();
    await catalog.publish(await committed(store, first, '2026-01-31'));
    expect(await catalog.seq()).toBe(2);
    expect(await shown()).not.toEqual(before);
  });

  test('publishing a commit a second time changes nothing', async () => {
    const { catalog, store, shown } = await open();
    const ledger = await committed(store, emptyState(), '2026-01-31');
    await catalog.publish(ledger);
    const before = await shown();
    await catalog.publish(ledger);
    expect(await shown()).toEqual(before);
  });

  test('a slower publisher of an earlier commit changes nothing once it has read the ledger again', async () => {
    const { catalog, store, shown } = await open();
    const first = await committed(store, emptyState(), '2026-01-31');
    const second = await committed(store, first, '2026-01-30');
    await catalog.publish(second);
    const newest = await shown();
    await catalog.publish(first);
    await catalog.publish(second);
    expect(await catalog.seq()).toBe(2);
    expect(await shown()).toEqual(newest);
  });

  test('publishing only the newest commit leaves the same tables as publishing every commit', async () => {
    const [one, other] = [await open(), await open()];
    let [ledger, same] = [emptyState(), emptyState()];
    for (const day of ['2026-01-29', '2026-01-31', '2026-01-31', '2026-01-30']) {
      ledger = await committed(one.store, ledger, day);
      await one.catalog.publish(ledger);
      same = await committed(other.store, same, day);
    }
    await other.catalog.publish(same);
    expect(await other.shown()).toEqual(await one.shown());
  });
}

/** A small commit on top of a state: one object a day, and gold of that day. */
export async function committed(
  store: Store,
  before: LakeState,
  day: string,
  name = 'attempt',
): Promise<LakeState> {
  const seq = before.seq + 1;
  const attempt = `${name}${seq}`;
  const prefix = goldPrefix(day, seq, attempt);
  const commit: Commit = {
    format: 1,
    seq,
    lake: before.lake ?? attempt,
    attempt,
    run_id: `run${seq}`,
    committed_at: `${day}T00:00:00.000Z`,
    previous: before.commit,
    rates: { digest: 'r', newest: day, origin: 'packaged' },
    objects: { added: [objectOf(`${seq}.csv`, day)], replaced: [], remade: [], removed: [] },
    files: [],
    keys: { files: [], next: null },
    gold: { day, prefix, files: [], customers: 1, total: '1.00', digest: attempt },
  };
  await publish(store, before, commit);
  const written = await readCommit(store, commitKey(seq));
  return applied(before, written.commit, written.digest);
}

const objectOf = (key: string, day: string): ObjectRecord => ({
  key,
  size: 1,
  etag: key,
  modified: 0,
  sha256: null,
  ingestion_date: day,
  source: 'default',
  rules: 'rules',
  rows: { read: 1, accepted: 1, duplicate: 0, superseded: 0, deleted: 0, quarantined: 0 },
  reasons: {},
  repairs: {},
  drift: [],
  silver: `silver/ingestion_date=${day}/${key}.parquet`,
  quarantine: null,
});

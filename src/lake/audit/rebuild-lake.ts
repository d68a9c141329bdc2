import { BRONZE, CUSTOMER_KEYS, ERASURES, goldPrefix, REFERENCE } from '../layout.ts';
import { erasedIds } from '../erase/tombstones.ts';
import { withErasedRows } from '../rewrite/erased-rows.ts';
import { goldDay, liveAfter, withPositions } from '../run/next-state.ts';
import { overlayStore } from './overlay.ts';
import { difference } from '../run/plan.ts';
import type { Engine, Workspace } from '../ports/engine.ts';
import type { Skipped, Store } from '../ports/store.ts';
import { ratesInUse, type RatesPlaces } from '../run/rates.ts';
import { emptyState, type LakeState, type ObjectRecord } from '../ledger/records.ts';
import type { LakeSettings } from '../settings.ts';

/**
 * A lake rebuilt from bronze, the rules and the rates, in its own store; `gold` is empty where no
 * object is live.
 */
export type Rebuilt = {
  store: Store;
  objects: Map<string, ObjectRecord>;
  gold: string[];
  /** Entries of bronze that cannot be read. */
  skipped: Skipped[];
};

/**
 * Prefixes of the lake that a rebuild reads: its inputs and the registry of customer keys.
 */
const SHARED = [BRONZE, REFERENCE, CUSTOMER_KEYS, ERASURES];
const ATTEMPT = 'rebuilt';

/** Rebuilds the whole lake from bronze in the store `own`. The lake itself is not changed. */
export async function rebuildLake(
  workspace: Workspace,
  deps: { engine: Engine; settings: LakeSettings; rates: RatesPlaces },
  ledger: LakeState,
  own: Store,
): Promise<Rebuilt> {
  const { engine, settings } = deps;
  const store = overlayStore(workspace.store, own, [
    ...SHARED,
    ...(deps.rates.configured?.kind === 'lake' ? [deps.rates.configured.key] : []),
  ]);
  const rebuilding: Workspace = { ...workspace, store };
  const planned = await difference(store, emptyState(), settings);
  const { skipped } = planned;
  // Erased rows are no longer in bronze: the ledger counts them.
  const make = await withErasedRows(store, ledger.objects, planned.make);
  const rates = await (await ratesInUse(store, deps.rates)).file(workspace.scratch);
  const { timeZone, limits } = settings;
  const result = await engine.bronzeToSilver(rebuilding, {
    objects: make,
    rates,
    timeZone,
    limits,
  });
  const live = liveAfter(emptyState(), result.objects, []);
  const day = goldDay(live);
  const objects = new Map(live.map((record) => [record.key, record]));
  if (day === undefined) return { store, objects, gold: [], skipped };
  const seq = ledger.seq + 1;
  const next = Math.max(settings.firstCustomerId, ledger.keys.next ?? 0);
  const erased = (await erasedIds(workspace.store)).filter((id) => id >= next);
  const { files } = await engine.silverToGold(rebuilding, {
    live: withPositions(live),
    counted: [],
    keys: {
      files: ledger.keys.files,
      former: ledger.keys.former ?? [],
      erased,
      next,
      file: 'customer-keys.parquet',
    },
    goldPrefix: goldPrefix(day, seq, ATTEMPT),
  });
  return { store, objects, gold: files.map(({ key }) => key), skipped };
}

import { createReadStream } from 'node:fs';

import { UsageError } from '../../errors.ts';
import { mustBeIntact } from '../ledger/integrity.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { Diff, Comparison, TotalsReport } from '../ports/diff.ts';
import type { Engine, Workspace } from '../ports/engine.ts';
import type { IndexFault, Load, SyncState, UpsertResult, Warehouse } from '../ports/warehouse.ts';
import type { LakeState } from '../ledger/records.ts';
import { servedLines } from './export-serving-table.ts';
import { isOwn, mustBeOwn, type TableOrigin, tableOrigin } from './table-origin.ts';

export type TableLake = {
  workspace: Workspace;
  engine: Engine;
  diff: Diff;
  warehouse(): Promise<Warehouse>;
  newId(): string;
};

/**
 * The serving table compared with the newest gold. `ours`: it is new, or at a commit of this
 * ledger. `behind`: its rows, indexes or state differ from the newest commit.
 */
export type TableAudit = {
  ledger: LakeState & { lake: string; commit: string };
  warehouse: Warehouse;
  sync: SyncState | undefined;
  rows: number;
  origin: TableOrigin;
  ours: boolean;
  behind: boolean;
  /** Indexes whose rows differ from those of the table. */
  indexes: IndexFault[];
  cells: Comparison;
  totals: TotalsReport;
};

/**
 * Compares the table with gold without changing anything; at most `limit` customers are listed.
 * Errors: `LedgerDamaged`, `UsageError` where the lake has no commit.
 */
export async function auditTable(lake: TableLake, limit: number): Promise<TableAudit> {
  const { workspace, diff } = lake;
  const ledger = await readLedger(workspace.store);
  const { lake: name, commit } = ledger;
  if (name === null || commit === null)
    throw new UsageError(`${workspace.store.name} has no gold yet.`, {
      hint: 'Create it first: purchases run.',
    });
  const gold = ledger.gold?.files ?? [];
  await mustBeIntact(workspace, gold);
  const warehouse = await lake.warehouse();
  const { sync, empty, foreign } = await warehouse.state();
  const origin = await tableOrigin(workspace.store, ledger, { sync, empty });
  const indexes = (await warehouse.indexFaults?.()) ?? [];
  const counted = await warehouse.query('SELECT count(*) FROM customer_purchase_summary');
  const sides = {
    found: { lines: await servedLines(workspace, warehouse) },
    expected: { store: workspace.store, files: gold.map(({ key }) => key) },
  };
  const cells = await diff.customers(workspace, sides, limit);
  return {
    ledger: { ...ledger, lake: name, commit },
    warehouse,
    sync,
    rows: Number(counted.rows[0]?.[0]),
    origin,
    ours: isOwn(origin),
    behind:
      indexes.length > 0 ||
      cells.differing > 0 ||
      foreign > 0 ||
      sync?.lake !== name ||
      sync.commit !== commit,
    indexes,
    cells,
    totals: await diff.totals(workspace, sides, limit),
  };
}

/**
 * Replaces all rows of the table by gold in one transaction. A table that is not this lake's
 * requires `agreed`: the lake in the table's state, or null where it has none. Error:
 * `WarehouseForeign`, also where the table changed its origin since the audit.
 */
export async function takeOver(
  { workspace, engine, newId }: TableLake,
  audit: TableAudit,
  agreed?: string | null,
): Promise<UpsertResult> {
  const { ledger, warehouse, sync, origin } = audit;
  const isAgreed = agreed !== undefined && agreed === (sync?.lake ?? null);
  if (!isAgreed) mustBeOwn(warehouse, origin, ledger, sync);
  // With an index that lacks rows, the upsert would insert them a second time.
  if (audit.indexes.length > 0) await warehouse.rebuildIndexes?.();
  const { path, rows } = await engine.goldToStaging(workspace, null, ledger.gold?.files ?? []);
  const load: Load = {
    loadId: `${ledger.seq}-${newId()}`,
    lake: ledger.lake,
    fromSeq: sync?.seq ?? null,
    from: sync ?? null,
    toSeq: ledger.seq,
    commit: ledger.commit,
    rows,
    // Another writer may have inserted rows into a new table since the audit.
    scope: origin.kind === 'new' ? 'whole' : 'takeover',
  };
  await warehouse.stage(load, createReadStream(path, { highWaterMark: 1 << 20 }));
  return warehouse.upsert(load);
}

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
 * The serving table beside the newest gold. `ours`: it is new, or at a commit of this ledger.
 * `behind`: its rows, its indexes or what it says of its origin are not the newest commit's.
 */
export type TableAudit = {
  ledger: LakeState & { lake: string; commit: string };
  warehouse: Warehouse;
  sync: SyncState | undefined;
  rows: number;
  origin: TableOrigin;
  ours: boolean;
  behind: boolean;
  /** Indexes that do not find the rows that the table holds. */
  indexes: IndexFault[];
  cells: Comparison;
  totals: TotalsReport;
};

/**
 * Compares the table with gold before anything is changed: at most `limit` customers are named.
 * Errors: `LedgerDamaged`, `UsageError` where the lake has no commit.
 */
export async function auditTable(lake: TableLake, limit: number): Promise<TableAudit> {
  const { workspace, diff } = lake;
  const ledger = await readLedger(workspace.store);
  const { lake: name, commit } = ledger;
  if (name === null || commit === null)
    throw new UsageError(`${workspace.store.name} has no gold yet.`, {
      hint: 'Make it first: purchases run.',
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
 * Makes the table equal to gold in one transaction, whatever rows it holds. One that is not this
 * lake's needs `agreed`: the lake that the table names, or null where it names none. Error:
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
  // Read by an index that lacks rows, the table would get them twice.
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
    // A table that was new may have got another writer's rows meanwhile.
    scope: origin.kind === 'new' ? 'whole' : 'takeover',
  };
  await warehouse.stage(load, createReadStream(path, { highWaterMark: 1 << 20 }));
  return warehouse.upsert(load);
}

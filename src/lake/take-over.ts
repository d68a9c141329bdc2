import { createReadStream } from 'node:fs';

import { UsageError } from '../errors.ts';
import { mustBeIntact } from './intact.ts';
import { readLedger } from './ledger.ts';
import type { Comparer, Comparison, TotalsReport } from './ports/comparer.ts';
import type { Engine, Workplace } from './ports/engine.ts';
import type { SyncState, UpsertResult, Warehouse } from './ports/warehouse.ts';
import type { LakeState } from './records.ts';
import { servedLines } from './served.ts';

export type TableLake = {
  work: Workplace;
  engine: Engine;
  comparer: Comparer;
  warehouse(): Promise<Warehouse>;
  newId(): string;
};

/** The serving table beside the newest gold. `ours`: its last load was of this lake, or it is new. `behind`: its rows or what it says of its origin are not the newest commit's. */
export type TableAudit = {
  ledger: LakeState & { lake: string; commit: string };
  warehouse: Warehouse;
  sync: SyncState | undefined;
  rows: number;
  ours: boolean;
  behind: boolean;
  cells: Comparison;
  totals: TotalsReport;
};

/** Compares the table with gold before anything is changed: at most `limit` customers are named. Errors: `LedgerDamaged`, `UsageError` where the lake has no commit. */
export async function auditTable(lake: TableLake, limit: number): Promise<TableAudit> {
  const { work, comparer } = lake;
  const ledger = await readLedger(work.store);
  const { lake: name, commit } = ledger;
  if (name === null || commit === null)
    throw new UsageError(`${work.store.name} has no gold yet.`, {
      hint: 'Make it first: purchases run.',
    });
  const gold = ledger.gold?.files ?? [];
  await mustBeIntact(work, gold);
  const warehouse = await lake.warehouse();
  const { sync, empty, foreign } = await warehouse.state();
  const counted = await warehouse.query('SELECT count(*) FROM customer_purchase_summary');
  const sides = {
    found: { lines: await servedLines(work, warehouse) },
    expected: { store: work.store, files: gold.map(({ key }) => key) },
  };
  const cells = await comparer.customers(work, sides, limit);
  return {
    ledger: { ...ledger, lake: name, commit },
    warehouse,
    sync,
    rows: Number(counted.rows[0]?.[0]),
    ours: sync === undefined ? empty : sync.lake === name,
    behind: cells.differing > 0 || foreign > 0 || sync?.lake !== name || sync.commit !== commit,
    cells,
    totals: await comparer.totals(work, sides, limit),
  };
}

/** Makes the table equal to gold in one transaction, whatever it holds and whoever wrote it. */
export async function takeOver(
  { work, engine, newId }: TableLake,
  { ledger, warehouse, sync }: TableAudit,
): Promise<UpsertResult> {
  const { path, rows } = await engine.goldToStaging(work, null, ledger.gold?.files ?? []);
  const load = {
    loadId: `${ledger.seq}-${newId()}`,
    lake: ledger.lake,
    fromSeq: sync?.seq ?? null,
    toSeq: ledger.seq,
    commit: ledger.commit,
    rows,
    scope: 'takeover' as const,
  };
  await warehouse.stage(load, createReadStream(path, { highWaterMark: 1 << 20 }));
  return warehouse.upsert(load);
}

import { readLedger } from '../../lake/ledger/ledger.ts';
import { loadStart } from '../../lake/run/next-load.ts';
import { findDocument } from '../../lake/run/run-documents.ts';
import type { Workspace } from '../../lake/ports/engine.ts';
import type { Load } from '../../lake/ports/warehouse.ts';
import type { DataFile } from '../../lake/ledger/records.ts';
import type { StepDeps } from './deps.ts';

/** The gold to load from and to: `before` is null if all of `after` must be staged. */
export type LoadWork = {
  before: DataFile[] | null;
  after: DataFile[];
  load: Omit<Load, 'loadId' | 'rows'>;
};

/**
 * Determines the load that brings the serving table to the newest commit; undefined for an empty
 * lake. Error: `WarehouseForeign`.
 */
export async function loadWork(
  deps: StepDeps,
  workspace: Workspace,
  runId: string,
): Promise<LoadWork | undefined> {
  const ledger = await readLedger(deps.store);
  const { lake, seq: toSeq, commit } = ledger;
  if (lake === null || commit === null) return undefined;
  const { gold, changes } = (await findDocument(deps.store, runId, 'gold')) ?? {};
  // The folder has the commit's number and the attempt in its name, so another attempt's rows are
  // not used.
  const isNewest = gold?.prefix === ledger.gold?.prefix;
  const { before, after, fromSeq, from, scope } = await loadStart(
    workspace,
    await deps.warehouse(),
    ledger,
    isNewest ? changes : undefined,
  );
  return { before, after, load: { lake, fromSeq, from, toSeq, commit, scope } };
}

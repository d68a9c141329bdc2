import { customerKeysKey, goldPrefix } from '../../lake/layout.ts';
import { erasedIds } from '../../lake/erase/tombstones.ts';
import { readLedger } from '../../lake/ledger/ledger.ts';
import {
  filesRead,
  goldDay,
  liveAfter,
  withPositions,
  touchedRows,
} from '../../lake/run/next-state.ts';
import type { SilverToGoldInput } from '../../lake/ports/engine.ts';
import type { DataFile } from '../../lake/ledger/records.ts';
import { type GoldDocument, readBronzeResult, readDocument } from '../../lake/run/run-documents.ts';
import type { RunState } from '../run-state.ts';
import type { StepDeps } from './deps.ts';

/** What gold is to be made of. */
export type GoldWork = {
  /**
   * What the state leaves for Commit where no object will be live; then there is nothing to make.
   */
  nothing: GoldDocument;
  /** `reads`: the files of the ledger that the task reads. */
  make: { day: string; task: SilverToGoldInput; reads: DataFile[] } | undefined;
};

/**
 * What will be live once the plan is committed, and what of it gold must be made anew from. Error:
 * `BronzeChanged`, which a job found.
 */
export async function goldWork(deps: StepDeps, { run_id }: RunState): Promise<GoldWork> {
  const plan = await readDocument(deps.store, run_id, 'plan');
  const made = await readBronzeResult(deps.store, run_id);
  const ledger = await readLedger(deps.store);
  const live = liveAfter(ledger, made.objects, plan.removed);
  const day = goldDay(live);
  const renumber = deps.renumberKeys;
  const next =
    renumber === 'all'
      ? deps.settings.firstCustomerId
      : Math.max(deps.settings.firstCustomerId, ledger.keys.next ?? 0);
  const nothing: GoldDocument = { gold: null, fates: {}, keys: { file: null, next } };
  if (day === undefined) return { nothing, make: undefined };
  const seq = ledger.seq + 1;
  // Any customer may have another integer then.
  const before =
    renumber === undefined && plan.lost === undefined
      ? touchedRows(run_id, ledger, live, made.objects, plan.removed)
      : undefined;
  const erased = (await erasedIds(deps.store)).filter((id) => id >= next);
  const task: SilverToGoldInput = {
    live: withPositions(live),
    counted: made.objects.filter(({ silver }) => silver !== null).map(({ key }) => key),
    ...(before === undefined ? {} : { before }),
    keys: {
      files: ledger.keys.files,
      former: ledger.keys.former ?? [],
      erased,
      next,
      file: customerKeysKey(seq, plan.attempt),
      ...(renumber === undefined ? {} : { renumber }),
    },
    goldPrefix: goldPrefix(day, seq, plan.attempt),
  };
  return { nothing, make: { day, task, reads: filesRead(ledger, task) } };
}

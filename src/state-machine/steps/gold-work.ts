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

/** The input of gold. */
export type GoldWork = {
  /** The state's document for Commit if no object will be live; then there is nothing to build. */
  empty: GoldDocument;
  /** `reads`: the files of the ledger that the task reads. */
  input: { day: string; task: SilverToGoldInput; reads: DataFile[] } | undefined;
};

/**
 * Determines the objects that will be live once the plan is committed, and the part of them that
 * gold must be rebuilt from. Error: `BronzeChanged`, found by a job.
 */
export async function goldWork(deps: StepDeps, { run_id }: RunState): Promise<GoldWork> {
  const plan = await readDocument(deps.store, run_id, 'plan');
  const written = await readBronzeResult(deps.store, run_id);
  const ledger = await readLedger(deps.store);
  const live = liveAfter(ledger, written.objects, plan.removed);
  const day = goldDay(live);
  const renumber = deps.renumberKeys;
  const next =
    renumber === 'all'
      ? deps.settings.firstCustomerId
      : Math.max(deps.settings.firstCustomerId, ledger.keys.next ?? 0);
  const empty: GoldDocument = { gold: null, fates: {}, keys: { file: null, next } };
  if (day === undefined) return { empty, input: undefined };
  const seq = ledger.seq + 1;
  // Any customer may have another integer then.
  const before =
    renumber === undefined && plan.lost === undefined
      ? touchedRows(run_id, ledger, live, written.objects, plan.removed)
      : undefined;
  const erased = (await erasedIds(deps.store)).filter((id) => id >= next);
  const task: SilverToGoldInput = {
    live: withPositions(live),
    counted: written.objects.filter(({ silver }) => silver !== null).map(({ key }) => key),
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
  return { empty, input: { day, task, reads: filesRead(ledger, task) } };
}

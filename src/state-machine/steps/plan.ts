import { reapplyErasures } from '../../lake/erase/reapply-erasures.ts';
import { whileIntact } from '../../lake/ledger/integrity.ts';
import { SILVER } from '../../lake/layout.ts';
import { readLedger } from '../../lake/ledger/ledger.ts';
import { lostFiles } from '../../lake/run/lost-files.ts';
import { bySource, type Difference, difference, remake } from '../../lake/run/plan.ts';
import { type RatesInUse, ratesInUse } from '../../lake/run/rates.ts';
import type { LakeState } from '../../lake/ledger/records.ts';
import { writeDocument } from '../../lake/run/run-documents.ts';
import type { RunState, Step, StepContext } from '../run-state.ts';
import { bronzeToSilverTask } from './bronze-to-silver-task.ts';
import { atWork, type StepDeps } from './deps.ts';

/**
 * Compares what the specification requires with what is recorded. Writes nothing if there is
 * nothing to do.
 */
export function planStep(deps: StepDeps): Step {
  return async (state, context) => {
    const { again: _, ...records } = state;
    const next: RunState = { ...records, tries: state.tries + 1 };
    const found = await findWork(deps, next, context);
    const cleared = await atWork(deps, next, context, (workspace) =>
      reapplyErasures({ ...deps, workspace }, found),
    );
    // Objects that were written again have changed.
    const { ledger, changes, rates } =
      cleared.length === 0 ? found : await findWork(deps, next, context);
    context.emit?.({ message: summary(changes), skipped: changes.skipped });
    if (changes.make.length + changes.removed.length + changes.lost.length === 0) {
      const behind = (await catalogIsBehind(deps, ledger)) || (await tableIsBehind(deps, ledger));
      return { ...next, work: behind ? 'tables' : 'none', seq: ledger.seq, manifest: '' };
    }
    const manifest = await writeDocument(deps.store, state.run_id, 'plan', {
      attempt: deps.newId(),
      seq: ledger.seq,
      make: changes.make,
      removed: changes.removed,
      unchanged: changes.unchanged.length + changes.kept.length,
      ignored: changes.ignored,
      skipped: changes.skipped,
      rates: rates.record,
      ...(changes.lost.length === 0 ? {} : { lost: changes.lost }),
    });
    const bytes = bytesToRead(ledger, changes);
    const engine = bytes > deps.clusterBytes ? 'glue' : 'lambda';
    if (engine === 'glue' && deps.cluster !== undefined)
      await bronzeToSilverTask(deps, next, context, { make: changes.make, rates });
    return { ...next, work: 'lake', seq: ledger.seq, manifest, bytes, engine, loader: engine };
  };
}

function summary({ make, removed, unchanged, skipped, lost }: Difference): string {
  const again = lost.length === 0 ? '' : `, ${lost.length} lost files to write again`;
  const aside = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  return `${make.length} to read, ${removed.length} gone, ${unchanged.length} unchanged${aside}${again}`;
}

/** The bytes that the transforms read: the objects to read, and the current silver and gold. */
function bytesToRead({ files, gold }: LakeState, { make }: Difference): number {
  const silver = [...files.values()].filter(({ key }) => key.startsWith(SILVER));
  return [...make, ...silver, ...(gold?.files ?? [])].reduce((sum, { size }) => sum + size, 0);
}

export type Found = { ledger: LakeState; changes: Difference; rates: RatesInUse };

/** Compares bronze, the rules and the rates with the ledger. */
export async function findWork(
  deps: StepDeps,
  state: RunState,
  context: StepContext,
): Promise<Found> {
  const ledger = await readLedger(deps.store);
  const compared = await difference(deps.store, ledger, deps.settings);
  const changes = await rereadLost(deps, ledger, compared);
  const rates = await ratesInUse(deps.store, deps.rates);
  if (deps.remakeAll === true)
    return { ledger, rates, changes: rereadUnchanged(deps, ledger, changes) };
  const again = changes.unchanged.filter((key) => deps.remake?.has(key) === true);
  const isSameRates = ledger.rates === null || ledger.rates.digest === rates.record.digest;
  const stale = isSameRates
    ? []
    : await staleObjects(deps, state, context, { ledger, changes, rates });
  const which = new Set([...again, ...stale]);
  return { ledger, rates, changes: rereadUnchanged(deps, ledger, changes, which) };
}

/**
 * Adds the unchanged objects whose silver or quarantine file is lost to the changes. Error:
 * `LedgerDamaged`.
 */
async function rereadLost(
  deps: StepDeps,
  ledger: LakeState,
  changes: Difference,
): Promise<Difference> {
  const lost = await lostFiles(deps.store, ledger);
  if (lost.length === 0) return changes;
  const keys = new Set(lost.map(({ key }) => key));
  const isLost = (file: string | null): boolean => file !== null && keys.has(file);
  const again = changes.unchanged.filter((key) => {
    const record = ledger.objects.get(key);
    return record !== undefined && (isLost(record.silver) || isLost(record.quarantine));
  });
  return { ...rereadUnchanged(deps, ledger, changes, new Set(again)), lost };
}

/** Adds the unchanged objects to read again to the changes: all of them by default. */
function rereadUnchanged(
  { settings }: StepDeps,
  ledger: LakeState,
  changes: Difference,
  which: ReadonlySet<string> = new Set(changes.unchanged),
): Difference {
  const make = [...which]
    .flatMap((key) => ledger.objects.get(key) ?? [])
    .map((record) => remake(record, settings));
  return {
    ...changes,
    make: [...changes.make, ...make].toSorted(bySource),
    unchanged: changes.unchanged.filter((key) => !which.has(key)),
  };
}

/** Unchanged objects that used a rate which the table now answers differently. */
async function staleObjects(
  deps: StepDeps,
  state: RunState,
  context: StepContext,
  { ledger, changes, rates }: Found,
): Promise<string[]> {
  const records = changes.unchanged.flatMap((key) => ledger.objects.get(key) ?? []);
  const filesOf = (pick: (record: (typeof records)[number]) => string | null): string[] => [
    ...new Set(records.flatMap((record) => pick(record) ?? [])),
  ];
  const files = {
    silver: filesOf(({ silver }) => silver),
    quarantine: filesOf(({ quarantine }) => quarantine),
  };
  const recorded = [...files.silver, ...files.quarantine].flatMap(
    (key) => ledger.files.get(key) ?? [],
  );
  const stale = await atWork(deps, state, context, (workspace) =>
    whileIntact(workspace, recorded, async () =>
      deps.engine.objectsWithStaleRates(workspace, files, await rates.file(workspace.scratch)),
    ),
  );
  const unchanged = new Set(changes.unchanged);
  return stale.filter((key) => unchanged.has(key));
}

/** True if readers of the catalog do not see the newest commit. */
async function catalogIsBehind({ catalog }: StepDeps, { seq }: LakeState): Promise<boolean> {
  return catalog !== undefined && seq > ((await catalog.seq()) ?? 0);
}

/**
 * True if the serving table is not at the newest commit, was emptied, or has staged rows of
 * external writers.
 */
export async function tableIsBehind(deps: StepDeps, ledger: LakeState): Promise<boolean> {
  if (ledger.seq === 0) return false;
  const { sync, foreign, empty } = await (await deps.warehouse()).state();
  const emptied = empty && (ledger.gold?.customers ?? 0) > 0;
  const elsewhere = sync?.commit !== ledger.commit || sync.lake !== ledger.lake;
  return emptied || foreign > 0 || elsewhere;
}

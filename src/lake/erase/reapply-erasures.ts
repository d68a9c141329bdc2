import { readLedger } from '../ledger/ledger.ts';
import type { Difference } from '../run/plan.ts';
import type { BronzeToSilverInput, Workspace } from '../ports/engine.ts';
import type { PersonSearch } from '../ports/person-search.ts';
import type { RatesInUse } from '../run/rates.ts';
import type { LakeSettings } from '../settings.ts';
import { findRows } from './find-rows.ts';
import { rewriteObject, rewriteOf, type Rewrite } from '../rewrite/rewrite.ts';
import { erasedPeople } from './tombstones.ts';
import { wantedBy } from './wanted.ts';

export type ReapplyErasures = {
  workspace: Workspace;
  personSearch?: PersonSearch;
  settings: LakeSettings;
};

/** Builds the engine's input for some objects. */
export async function taskFor(
  { timeZone, limits }: LakeSettings,
  workspace: Workspace,
  rates: RatesInUse,
  objects: BronzeToSilverInput['objects'],
): Promise<BronzeToSilverInput> {
  return { objects, rates: await rates.file(workspace.scratch), timeZone, limits };
}

/**
 * Removes rows of erased people from the objects to read, before they are read: an old file that is
 * sent again must not restore them. Only certain rows are removed. Returns the rewritten objects. A
 * lake without erasures costs one lookup.
 */
export async function reapplyErasures(
  { workspace, personSearch, settings }: ReapplyErasures,
  { changes, rates }: { changes: Difference; rates: RatesInUse },
): Promise<Rewrite[]> {
  if (changes.make.length === 0) return [];
  const erased = await erasedPeople(workspace.store);
  if (erased === undefined) return [];
  if (personSearch === undefined)
    throw new Error(
      `people were erased from ${workspace.store.name}, but no person search is configured`,
    );
  const { hash, tombstones } = erased;
  const wanted = wantedBy(hash, tombstones);
  const task = await taskFor(settings, workspace, rates, changes.make);
  const search = await findRows(
    { workspace, personSearch },
    task,
    wanted,
    await readLedger(workspace.store),
  );
  const { removals } = search.decide(wanted);
  for (const removal of removals)
    await rewriteObject({ workspace, hash }, settings.limits, removal);
  return removals.map(rewriteOf);
}

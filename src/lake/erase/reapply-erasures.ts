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

/** What an engine is asked for of some objects. */
export async function taskFor(
  { timeZone, limits }: LakeSettings,
  workspace: Workspace,
  rates: RatesInUse,
  objects: BronzeToSilverInput['objects'],
): Promise<BronzeToSilverInput> {
  return { objects, rates: await rates.file(workspace.scratch), timeZone, limits };
}

/**
 * Removes rows of erased people from the objects that are to be read, before anything is made of
 * them: an old file that is sent again brings nobody back. Only rows that surely name them go.
 * Answers the objects that were rewritten. A lake from which nobody was erased pays one look for
 * it.
 */
export async function reapplyErasures(
  { workspace, personSearch, settings }: ReapplyErasures,
  { changes, rates }: { changes: Difference; rates: RatesInUse },
): Promise<Rewrite[]> {
  if (changes.make.length === 0) return [];
  const erased = await erasedPeople(workspace.store);
  if (erased === undefined) return [];
  if (personSearch === undefined)
    throw new Error(`people were erased from ${workspace.store.name}, but nothing finds them here`);
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

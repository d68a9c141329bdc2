import type { Difference } from '../plan.ts';
import type { BronzeToSilverTask, Workplace } from '../ports/engine.ts';
import type { Finder } from '../ports/finder.ts';
import type { RatesInUse } from '../rates-in-use.ts';
import type { LakeSettings } from '../settings.ts';
import { findRows, rewriteObject, rewriteOf, type Rewrite } from './rewrite.ts';
import { erasedPeople, knownHash } from './tombstones.ts';

export type KeepAway = { work: Workplace; finder?: Finder; settings: LakeSettings };

/** What an engine is asked for of some objects. */
export async function taskFor(
  { timeZone, limits }: LakeSettings,
  work: Workplace,
  rates: RatesInUse,
  objects: BronzeToSilverTask['objects'],
): Promise<BronzeToSilverTask> {
  return { objects, rates: await rates.file(work.scratch), timeZone, limits };
}

/**
 * Takes whoever was erased out of the objects that are to be read, before anything is made of them: an old file that is sent again brings nobody back.
 * Answers the objects that were written anew. A lake from which nobody was erased pays one look for it.
 */
export async function keepErasedAway(
  { work, finder, settings }: KeepAway,
  { changes, rates }: { changes: Difference; rates: RatesInUse },
): Promise<Rewrite[]> {
  const hash = await knownHash(work.store);
  if (hash === undefined || changes.make.length === 0) return [];
  const erased = await erasedPeople(work.store);
  if (erased === undefined) return [];
  if (finder === undefined)
    throw new Error(`people were erased from ${work.store.name}, but nothing finds them here`);
  const task = await taskFor(settings, work, rates, changes.make);
  const named = await findRows({ work, finder }, task, erased);
  for (const { object, found } of named)
    await rewriteObject({ work, finder, hash }, settings.limits, object, found);
  return named.map(({ object, found }) => rewriteOf(object, found));
}

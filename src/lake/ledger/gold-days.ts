import { UsageError } from '../../errors.ts';
import type { Store } from '../ports/store.ts';
import type { Commit, GoldRecord } from './records.ts';

/** A day of gold with its newest version. */
export type GoldDay = { day: string; seq: number; gold: GoldRecord };

/**
 * Returns gold by day, oldest first, after all commits: a day keeps its newest version, days after
 * a commit's day are withdrawn (SPEC section 2).
 */
export function goldDays(commits: readonly Pick<Commit, 'seq' | 'gold'>[]): GoldDay[] {
  const days = new Map<string, GoldDay>();
  for (const { seq, gold } of commits) {
    for (const day of [...days.keys()].filter((known) => gold === null || known > gold.day))
      days.delete(day);
    if (gold !== null) days.set(gold.day, { day: gold.day, seq, gold });
  }
  return [...days.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

/** Returns the days whose gold was not vacuumed. */
export async function existingDays(store: Store, days: readonly GoldDay[]): Promise<GoldDay[]> {
  const kept: GoldDay[] = [];
  for (const day of days) {
    const whole = await Promise.all(
      day.gold.files.map(async ({ key, size }) => (await store.head(key))?.size === size),
    );
    if (whole.every(Boolean)) kept.push(day);
  }
  return kept;
}

/**
 * Returns gold as of a date: the newest day that is not after it. Errors: `UsageError` where there
 * is no such day, or its gold was vacuumed.
 */
export function goldAsOf(all: readonly GoldDay[], kept: readonly GoldDay[], date: string): GoldDay {
  const wanted = all.findLast(({ day }) => day <= date);
  const found = kept.find(({ day }) => day === wanted?.day);
  if (found !== undefined) return found;
  const oldest = kept[0]?.day;
  throw new UsageError(
    wanted === undefined
      ? `There was no gold yet on ${date}.`
      : `Gold of ${wanted.day}, which held on ${date}, was vacuumed.`,
    {
      hint:
        oldest === undefined
          ? 'Create gold first: purchases run.'
          : `The oldest gold that is kept is that of ${oldest}.`,
    },
  );
}

import type { Commit, GoldRecord } from './records.ts';

/** The version of gold that a day keeps: its newest. */
export type GoldDay = { day: string; seq: number; gold: GoldRecord };

/** Gold by day, oldest first, as the commits leave it: a day keeps its newest version, days after a commit's are withdrawn (SPEC section 2). */
export function goldDays(commits: readonly Pick<Commit, 'seq' | 'gold'>[]): GoldDay[] {
  const days = new Map<string, GoldDay>();
  for (const { seq, gold } of commits) {
    for (const day of [...days.keys()].filter((known) => gold === null || known > gold.day))
      days.delete(day);
    if (gold !== null) days.set(gold.day, { day: gold.day, seq, gold });
  }
  return [...days.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

import type { Contest, Run } from '../parts/work.ts';

/**
 * `unproven`: fewer than two other contenders produced a table to compare with, or they do not
 * agree.
 */
export type Verdict = 'right' | 'wrong' | 'failed' | 'unproven';

/**
 * Compares each contender's serving table with the expected one, after the full set and after the
 * increment. This product has no vote: the expected table is the one that most of the others, each
 * implemented independently, produced. A contender whose runs differ from one another is wrong.
 */
export function verdicts(contests: readonly Contest[]): Verdict[] {
  const full = agreed(contests, (contest) => contest.full);
  const more = agreed(contests, (contest) => contest.increment);
  return contests.map((contest) => {
    if (contest.failed !== undefined) return 'failed';
    const digests = [...digestsOf(contest.full), ...digestsOf(contest.increment)];
    if (full === undefined || more === undefined) return digests.length > 2 ? 'wrong' : 'unproven';
    return digests.join() === [full, more].join() ? 'right' : 'wrong';
  });
}

const isProduct = ({ name }: Contest): boolean => name.startsWith('purchases');

/** The digest that at least two other contenders share, and more than share any other digest. */
function agreed(
  contests: readonly Contest[],
  runs: (contest: Contest) => readonly Run[],
): string | undefined {
  const votes = new Map<string, number>();
  for (const contest of contests.filter((one) => !isProduct(one)))
    for (const digest of digestsOf(runs(contest))) votes.set(digest, (votes.get(digest) ?? 0) + 1);
  const [first, second] = [...votes].toSorted(([, a], [, b]) => b - a);
  if (first === undefined || first[1] < 2 || first[1] === second?.[1]) return undefined;
  return first[0];
}

const digestsOf = (runs: readonly Run[]): string[] => [
  ...new Set(runs.map(({ digest }) => digest)),
];

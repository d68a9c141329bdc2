import { RULES_VERSION } from '../settings.ts';
import type { Comparison, RowFinding } from '../ports/diff.ts';
import type { Skipped } from '../ports/store.ts';

/**
 * One thing that is not as the law has it. `damaged`: a ledger object or a file that is not what
 * was recorded.
 */
export type Finding = Omit<RowFinding, 'problem'> & {
  what: 'ledger' | 'file' | 'object' | 'silver' | 'quarantine' | 'gold' | 'serving_table';
  problem: RowFinding['problem'] | 'damaged';
  key?: string;
  message?: string;
};

/** `differences` counts all, of which `findings` names the first of each kind. */
export type Verification = {
  seq: number;
  /**
   * The version of the rules that made the lake (null: of a ledger that does not say it), and of
   * those that it was compared with.
   */
  rules_version: { lake: number | null; now: number };
  equal: boolean;
  checked: {
    commits: number;
    files: number;
    objects: number;
    silver: number;
    quarantine: number;
    customers: number;
  };
  differences: Partial<Record<Finding['what'], number>>;
  findings: Finding[];
  /**
   * What is in bronze and could not be read, so that nothing is known of it; absent where there is
   * nothing of the kind.
   */
  skipped?: Skipped[];
};

/** A verification under way. */
export type Tally = Verification & { limit: number };

export const emptyTally = (limit: number): Tally => ({
  seq: 0,
  rules_version: { lake: null, now: RULES_VERSION },
  equal: true,
  checked: { commits: 0, files: 0, objects: 0, silver: 0, quarantine: 0, customers: 0 },
  differences: {},
  findings: [],
  limit,
});

export const outcome = ({ limit: _, ...verification }: Tally): Verification => ({
  ...verification,
  equal: Object.keys(verification.differences).length === 0,
});

/** Counts a difference, and names it while few of its kind are. */
export function note(tally: Tally, finding: Finding): void {
  const before = tally.differences[finding.what] ?? 0;
  tally.differences[finding.what] = before + 1;
  if (before < tally.limit) tally.findings.push(finding);
}

/** Adds what a comparison of tables found. */
export function addComparison(tally: Tally, what: Finding['what'], comparison: Comparison): void {
  const { differing, findings } = comparison;
  if (differing > 0) tally.differences[what] = (tally.differences[what] ?? 0) + differing;
  tally.findings.push(...findings.map((finding) => ({ what, ...finding })));
}

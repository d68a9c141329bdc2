import { RULES_VERSION } from '../settings.ts';
import type { Comparison, RowFinding } from '../ports/diff.ts';
import type { Skipped } from '../ports/store.ts';

/**
 * One deviation from the expected state. `damaged`: a ledger object or file that differs from its
 * record.
 */
export type Finding = Omit<RowFinding, 'problem'> & {
  what: 'ledger' | 'file' | 'object' | 'silver' | 'quarantine' | 'gold' | 'serving_table';
  problem: RowFinding['problem'] | 'damaged';
  key?: string;
  message?: string;
};

/** `differences` counts all deviations by kind; `findings` describes the first of each kind. */
export type Verification = {
  seq: number;
  /**
   * The rules version of the lake (null where the ledger does not record it), and the version that
   * it was compared with.
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
   * Entries of bronze that could not be read and were not compared; absent for none.
   */
  skipped?: Skipped[];
};

/** A verification in progress. */
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

/** Counts a finding, and records it while its kind has fewer than `limit`. */
export function note(tally: Tally, finding: Finding): void {
  const before = tally.differences[finding.what] ?? 0;
  tally.differences[finding.what] = before + 1;
  if (before < tally.limit) tally.findings.push(finding);
}

/** Adds the result of a comparison of tables. */
export function addComparison(tally: Tally, what: Finding['what'], comparison: Comparison): void {
  const { differing, findings } = comparison;
  if (differing > 0) tally.differences[what] = (tally.differences[what] ?? 0) + differing;
  tally.findings.push(...findings.map((finding) => ({ what, ...finding })));
}

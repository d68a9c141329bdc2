import type { UpsertResult } from '../ports/warehouse.ts';
import type { Commit, Counts, ObjectRecord, RowCounts } from '../ledger/records.ts';
import type { Skipped } from '../ports/store.ts';
import type { PlanDocument } from './run-documents.ts';

/**
 * The report that `run --json` prints (SPEC section 13). Rows are those of the objects that the run
 * changed; `seconds` has a key per state.
 */
export type RunReport = {
  run_id: string;
  seq: number;
  objects: {
    added: number;
    replaced: number;
    remade: number;
    removed: number;
    unchanged: number;
    quarantined: number;
    /**
     * Entries of bronze that cannot be read as objects; absent for none.
     */
    skipped?: number;
  };
  rows: Required<RowCounts>;
  reasons: Counts;
  repairs: Counts;
  customers: { total: number; inserted: number; updated: number; deleted: number };
  seconds: Record<string, number>;
  /** The skipped entries with their reasons; absent for none. */
  skipped?: Skipped[];
};

export type RunFacts = {
  runId: string;
  seq: number;
  seconds: Record<string, number>;
  plan: PlanDocument | undefined;
  skipped: Skipped[];
  unchanged: number;
  commit: Commit | undefined;
  upsert: (UpsertResult & { customers: number }) | undefined;
  customers: number;
};

const NO_ROWS: Required<RowCounts> = {
  read: 0,
  accepted: 0,
  duplicate: 0,
  superseded: 0,
  deleted: 0,
  quarantined: 0,
  erased: 0,
};

/** Builds a run's report from its commit and upsert; a run with nothing to do has neither. */
export function runReport({
  runId,
  seq,
  seconds,
  plan,
  skipped,
  unchanged,
  commit,
  upsert,
  customers,
}: RunFacts): RunReport {
  const { added = [], replaced = [], remade = [], removed = [] } = commit?.objects ?? {};
  const records = [...added, ...replaced, ...remade];
  const { inserted = 0, updated = 0, deleted = 0 } = upsert ?? {};
  return {
    run_id: runId,
    seq,
    objects: {
      added: added.length,
      replaced: replaced.length,
      remade: remade.length,
      removed: removed.length,
      unchanged: plan?.unchanged ?? unchanged,
      quarantined: records.filter(({ refused }) => refused !== undefined).length,
      ...(skipped.length === 0 ? {} : { skipped: skipped.length }),
    },
    rows: records.map(({ rows }) => rows).reduce(sumRows, NO_ROWS),
    reasons: sumCounts(records.map(reasonsOf)),
    repairs: sumCounts(records.map(({ repairs }) => repairs)),
    customers: { total: customers, inserted, updated, deleted },
    seconds,
    ...(skipped.length === 0 ? {} : { skipped }),
  };
}

function sumRows(a: Required<RowCounts>, b: RowCounts): Required<RowCounts> {
  return {
    read: a.read + b.read,
    accepted: a.accepted + b.accepted,
    duplicate: a.duplicate + b.duplicate,
    superseded: a.superseded + b.superseded,
    deleted: a.deleted + b.deleted,
    quarantined: a.quarantined + b.quarantined,
    erased: a.erased + (b.erased ?? 0),
  };
}

/**
 * Rows of an object by reason; an object quarantined before its rows were read counts as one.
 */
export const reasonsOf = ({ reasons, refused }: ObjectRecord): Counts =>
  refused === undefined || refused.reason === 'too_many_refused'
    ? reasons
    : { [refused.reason]: 1 };

/** Sums counts by code, the highest first. */
export function sumCounts(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const [code, count] of all.flatMap((counts) => Object.entries(counts)))
    sums.set(code, (sums.get(code) ?? 0) + count);
  return Object.fromEntries([...sums].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

import { GOLD, SILVER } from '../layout.ts';
import { readCommits } from '../ledger/ledger.ts';
import type { CustomerIndex } from '../ports/customer-index.ts';
import type { Workspace } from '../ports/engine.ts';
import type { Change } from '../run/plan.ts';
import type { Commit, DataFile, ObjectRecord } from '../ledger/records.ts';

/** A customer's row of gold, every value as text. */
export type CustomerRow = Record<string, string | null>;

/**
 * An object of a commit that affects the customer; `sure` is false where its silver rows are gone
 * and cannot be checked.
 */
export type Cause = { seq: number; object: string; change: Change | 'removed'; sure: boolean };

/**
 * A commit at which the customer's row of gold differs from the previous commit with existing gold.
 */
export type HistoryEntry = {
  seq: number;
  committed_at: string;
  run_id: string;
  gold_day: string | null;
  row: CustomerRow | null;
  changes: { column: string; before: string | null; after: string | null }[];
  causes: Cause[];
};

/**
 * `forgotten` counts the commits whose gold was vacuumed: their changes appear at the next commit
 * with existing gold.
 */
export type History = {
  customer: number;
  entries: HistoryEntry[];
  commits: number;
  forgotten: number;
};

type Suspect = Cause & { file: string };
/** A commit with the silver files of the objects that it changed, before and after. */
type CommitSuspects = { commit: Commit; suspects: Suspect[] };

/**
 * Returns the customer's row of gold at each commit whose gold still exists, and the objects that
 * changed it.
 */
export async function customerHistory(
  workspace: Workspace,
  customerIndex: CustomerIndex,
  customer: number,
): Promise<History> {
  const commits: CommitSuspects[] = [];
  const known = new Map<string, ObjectRecord>();
  for await (const { commit } of readCommits(workspace.store))
    commits.push({ commit, suspects: suspects(commit, known) });
  const existing = await existingFiles(workspace, commits);
  const knownCommits = commits.filter(({ commit }) => existing.all(commit.gold?.files ?? []));
  const rows = await customerIndex.customerIn(
    workspace,
    customer,
    knownCommits.map(({ commit: { seq, gold } }) => ({
      seq,
      files: (gold?.files ?? []).map(keyOf),
    })),
  );
  const entries = entriesOf(
    commits,
    new Set(knownCommits),
    new Map(rows.map(({ seq, row }) => [seq, row])),
  );
  const causesOf = await attribute(workspace, customerIndex, customer, {
    commits,
    entries,
    known,
    existing,
  });
  return {
    customer,
    entries: entries.map(({ suspects: found, ...entry }) => ({
      ...entry,
      causes: causesOf(found),
    })),
    commits: commits.length,
    forgotten: commits.length - knownCommits.length,
  };
}

const keyOf = ({ key }: DataFile): string => key;

/**
 * Returns the objects that a commit changes, each with its previous and its new silver file.
 * `known` is updated to the commit.
 */
function suspects({ seq, objects }: Commit, known: Map<string, ObjectRecord>): Suspect[] {
  const found: Suspect[] = [];
  const add = (object: string, change: Cause['change'], file: string | null = null): void => {
    if (file !== null) found.push({ seq, object, change, file, sure: true });
  };
  for (const change of ['added', 'replaced', 'remade'] as const)
    for (const record of objects[change]) {
      add(record.key, change, known.get(record.key)?.silver);
      add(record.key, change, record.silver);
      known.set(record.key, record);
    }
  for (const object of objects.removed) {
    add(object, 'removed', known.get(object)?.silver);
    known.delete(object);
  }
  return found;
}

type ExistingFiles = { has(key: string): boolean; all(files: readonly DataFile[]): boolean };

/** Finds the files that still exist, with one listing per layer instead of one request per file. */
async function existingFiles(
  { store }: Workspace,
  commits: readonly CommitSuspects[],
): Promise<ExistingFiles> {
  const existing = new Set<string>();
  if (commits.length > 0)
    for (const prefix of [GOLD, SILVER])
      for await (const { key } of store.list(prefix)) existing.add(key);
  const has = (key: string): boolean => existing.has(key);
  return { has, all: (files) => files.every(({ key }) => has(key)) };
}

type Draft = Omit<HistoryEntry, 'causes'> & { suspects: Suspect[] };

/**
 * Returns the commits at which the row changed, each with all objects changed since the last commit
 * with known gold.
 */
function entriesOf(
  commits: readonly CommitSuspects[],
  knownCommits: ReadonlySet<CommitSuspects>,
  rows: ReadonlyMap<number, CustomerRow>,
): Draft[] {
  const entries: Draft[] = [];
  let before: CustomerRow | null = null;
  let since: Suspect[] = [];
  for (const entry of commits) {
    since.push(...entry.suspects);
    if (!knownCommits.has(entry)) continue;
    const { seq, committed_at, run_id, gold } = entry.commit;
    const row: CustomerRow | null = rows.get(seq) ?? null;
    const changes = changedColumns(before, row);
    if (changes.length > 0)
      entries.push({
        seq,
        committed_at,
        run_id,
        gold_day: gold?.day ?? null,
        row,
        changes,
        suspects: since,
      });
    before = row;
    since = [];
  }
  return entries;
}

function changedColumns(
  before: CustomerRow | null,
  after: CustomerRow | null,
): HistoryEntry['changes'] {
  return Object.keys(after ?? before ?? {})
    .filter((column) => column !== 'customer_id')
    .map((column) => ({ column, before: before?.[column] ?? null, after: after?.[column] ?? null }))
    .filter((change) => change.before !== change.after);
}

/**
 * Finds the suspects with rows of the customer, or of a purchase that was ever the customer's,
 * since it may have moved to another customer.
 */
async function attribute(
  workspace: Workspace,
  customerIndex: CustomerIndex,
  customer: number,
  {
    commits,
    entries,
    known,
    existing,
  }: {
    commits: CommitSuspects[];
    entries: Draft[];
    known: Map<string, ObjectRecord>;
    existing: ExistingFiles;
  },
): Promise<(suspects: readonly Suspect[]) => Cause[]> {
  const candidates = entries
    .flatMap((entry) => entry.suspects)
    .filter(({ file }) => existing.has(file));
  const live = [...known.values()].flatMap(({ silver }) =>
    silver !== null && existing.has(silver) ? [silver] : [],
  );
  const keys = (commits.at(-1)?.commit.keys.files ?? []).map(keyOf);
  const matches = await customerIndex.objectsOf(workspace, customer, {
    candidates,
    live: [...new Set(live)],
    keys,
  });
  const name = ({ object, file }: { object: string; file: string }): string =>
    JSON.stringify([object, file]);
  const named = new Set(matches.map(name));
  return (all) => {
    const causes = new Map<string, Cause>();
    for (const suspect of all) {
      const sure = existing.has(suspect.file);
      if (sure && !named.has(name(suspect))) continue;
      const { file: _, ...cause } = suspect;
      const id = `${cause.seq} ${cause.object}`;
      if (causes.get(id)?.sure !== true) causes.set(id, { ...cause, sure });
    }
    return [...causes.values()];
  };
}

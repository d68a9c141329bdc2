import { checkLedger } from '../ledger/check-ledger.ts';
import {
  addComparison,
  emptyTally,
  note,
  outcome,
  type Tally,
  type Verification,
} from './findings.ts';
import { fileDamage } from '../ledger/integrity.ts';
import { readLedger } from '../ledger/ledger.ts';
import { objectFindings } from './object-findings.ts';
import { hiddenBy } from '../run/plan.ts';
import type { Diff, LayerRows } from '../ports/diff.ts';
import type { Engine, Workspace } from '../ports/engine.ts';
import type { Store } from '../ports/store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import type { RatesPlaces } from '../run/rates.ts';
import { rebuildLake, type Rebuilt } from './rebuild-lake.ts';
import type { Commit, DataFile, KeysRecord, LakeState, ObjectRecord } from '../ledger/records.ts';
import { servedLines } from './export-serving-table.ts';
import type { LakeSettings } from '../settings.ts';

export type VerifyPorts = {
  workspace: Workspace;
  engine: Engine;
  diff: Diff;
  /** An empty store that the rebuilt lake goes to; the caller removes it. */
  rebuildStore: Store;
  warehouse(): Promise<Warehouse>;
  settings: LakeSettings;
  rates: RatesPlaces;
  /** Number of findings of each kind to report. */
  limit: number;
};

/**
 * Checks the ledger and every file that it names, then rebuilds the lake from bronze in a separate
 * store and compares objects, silver, quarantine, gold and the serving table with it. A damaged
 * file is reported and not compared; a damaged ledger ends the verification.
 */
export async function verify(ports: VerifyPorts): Promise<Verification> {
  const { workspace, limit } = ports;
  const tally = emptyTally(limit);
  const { commits, faults } = await checkLedger(workspace.store);
  tally.checked.commits = commits.length;
  for (const { key, damage } of faults)
    note(tally, { what: 'ledger', problem: 'damaged', key, message: damage });
  if (faults.length > 0) return outcome(tally);
  const ledger = await readLedger(workspace.store);
  tally.seq = ledger.seq;
  tally.rules_version.lake = ledger.rules_version ?? null;
  const damaged = await checkFiles(tally, workspace, ledger, commits);
  const rebuilt = await rebuildLake(
    { ...workspace, store: workspace.store },
    ports,
    { ...ledger, keys: intactKeys(ledger.keys, damaged) },
    ports.rebuildStore,
  );
  tally.checked.objects = rebuilt.objects.size;
  if (rebuilt.skipped.length > 0) tally.skipped = rebuilt.skipped;
  for (const finding of objectFindings(ledger.objects, rebuilt.objects, hiddenBy(rebuilt.skipped)))
    note(tally, finding);
  await compareLayers(tally, ports, ledger, rebuilt, damaged);
  await compareGold(tally, ports, ledger, rebuilt, damaged);
  if (ledger.seq > 0) await compareServed(tally, ports, ledger, rebuilt);
  return outcome(tally);
}

function intactKeys(keys: KeysRecord, damaged: ReadonlySet<string>): KeysRecord {
  const intact = (files: readonly DataFile[]): DataFile[] =>
    files.filter(({ key }) => !damaged.has(key));
  return { ...keys, files: intact(keys.files), former: intact(keys.former ?? []) };
}

/**
 * Checks the files of all commits. Those of the newest commit must exist; older ones may have been
 * vacuumed, but existing files must match their records.
 */
async function checkFiles(
  tally: Tally,
  workspace: Workspace,
  ledger: LakeState,
  commits: readonly Commit[],
): Promise<Set<string>> {
  const needed = [
    ...ledger.files.values(),
    ...ledger.keys.files,
    ...(ledger.keys.former ?? []),
    ...(ledger.gold?.files ?? []),
  ];
  const must = new Set(needed.map(({ key }) => key));
  const files = new Map(
    [
      ...commits.flatMap((commit) => [
        ...commit.files,
        ...commit.keys.files,
        ...(commit.gold?.files ?? []),
        ...(commit.erased ?? []).map(({ file }) => file),
      ]),
      ...needed,
    ].map((file) => [file.key, file]),
  );
  const damaged = new Set<string>();
  for (const file of files.values()) {
    if (!must.has(file.key) && (await workspace.store.head(file.key)) === undefined) continue;
    tally.checked.files += 1;
    const damage = await fileDamage(workspace, file, { thorough: true });
    if (damage === undefined) continue;
    damaged.add(file.key);
    const message = must.has(file.key)
      ? damage
      : `${damage}; only older commits name it, so it can be removed`;
    note(tally, { what: 'file', problem: 'damaged', key: file.key, message });
  }
  return damaged;
}

/** Compares rows of objects on both sides; an object on one side only is a finding itself. */
async function compareLayers(
  tally: Tally,
  { workspace, diff, limit }: VerifyPorts,
  ledger: LakeState,
  rebuilt: Rebuilt,
  damaged: ReadonlySet<string>,
): Promise<void> {
  for (const layer of ['silver', 'quarantine'] as const) {
    const unreadable = (key: string): boolean =>
      damaged.has(ledger.objects.get(key)?.[layer] ?? '');
    const live = (
      store: Store,
      objects: ReadonlyMap<string, ObjectRecord>,
      others: ReadonlyMap<string, ObjectRecord>,
    ): LayerRows => ({
      store,
      live: [...objects.values()].flatMap(({ key, [layer]: file }) =>
        file === null || !others.has(key) || unreadable(key) ? [] : [{ object: key, file }],
      ),
    });
    const sides = {
      found: live(workspace.store, ledger.objects, rebuilt.objects),
      expected: live(rebuilt.store, rebuilt.objects, ledger.objects),
    };
    const comparison = await diff.layer(workspace, layer, sides, limit);
    tally.checked[layer] = comparison.rows;
    addComparison(tally, layer, comparison);
  }
}

async function compareGold(
  tally: Tally,
  { workspace, diff, limit }: VerifyPorts,
  ledger: LakeState,
  rebuilt: Rebuilt,
  damaged: ReadonlySet<string>,
): Promise<void> {
  const files = (ledger.gold?.files ?? []).map(({ key }) => key);
  if (files.some((key) => damaged.has(key))) return;
  const found = { store: workspace.store, files };
  const expected = { store: rebuilt.store, files: rebuilt.gold };
  const comparison = await diff.customers(workspace, { found, expected }, limit);
  tally.checked.customers = comparison.rows;
  addComparison(tally, 'gold', comparison);
}

/**
 * The table must be at the newest commit and equal to the rebuilt gold; gold's own files do not
 * count.
 */
async function compareServed(
  tally: Tally,
  { workspace, diff, warehouse: open, limit }: VerifyPorts,
  ledger: LakeState,
  rebuilt: Rebuilt,
): Promise<void> {
  const warehouse = await open();
  const { sync } = await warehouse.state();
  if (sync?.lake !== ledger.lake || sync?.commit !== ledger.commit)
    note(tally, {
      what: 'serving_table',
      problem: 'differs',
      column: 'commit',
      found: sync === undefined ? null : `lake ${sync.lake}, seq ${sync.seq}, ${sync.commit}`,
      expected: `lake ${ledger.lake}, seq ${ledger.seq}, ${ledger.commit}`,
    });
  for (const { column, message } of (await warehouse.indexFaults?.()) ?? [])
    note(tally, { what: 'serving_table', problem: 'damaged', column, message });
  const found = { lines: await servedLines(workspace, warehouse) };
  const expected = { store: rebuilt.store, files: rebuilt.gold };
  addComparison(
    tally,
    'serving_table',
    await diff.customers(workspace, { found, expected }, limit),
  );
}

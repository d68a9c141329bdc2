import { EraseRefused } from '../../errors.ts';
import type { CustomerName } from '../customer/facts.ts';
import { CERTIFICATES } from '../layout.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { Remainder } from '../ports/warehouse.ts';
import { mustBeOwn, tableOrigin } from '../audit/table-origin.ts';
import { auditTable, takeOver } from '../audit/take-over.ts';
import type { RowName } from './also.ts';
import type { UnsureRow } from './decide.ts';
import type { EraseLake } from './erase-lake.ts';
import { findRemovals, unsearchedObjects } from './find-removals.ts';
import { type NamingEntries, namingEntries } from './naming-entries.ts';
import { removeUnreferenced, rewriteHistory } from './rewrite-history.ts';
import { noPending, readPending, removePending, writePending } from './pending.ts';
import { findPerson, type Person } from './person.ts';
import { rewriteObject, rewriteOf, type Rewrite } from '../rewrite/rewrite.ts';
import { filesWithStaleRows, remakeStale } from './stale-rows.ts';
import {
  type Hash,
  hashOf,
  hashWith,
  knownHash,
  readTombstone,
  type Tombstone,
  writeTombstone,
} from './tombstones.ts';
import { wantedBy } from './wanted.ts';

/**
 * Record of an erasure: what was rewritten, and what could not be searched. It holds no personal
 * data: `tombstone` is a keyed hash.
 */
export type Certificate = {
  format: 1;
  erased_at: string;
  seq: number;
  tombstone: string;
  objects: Rewrite[];
  /** Files of older gold and of the registry of customer keys that were rewritten. */
  rewritten: number;
  removed: string[];
  table: { warehouse: string; deleted: number };
  /** Deleted rows that the serving table's server still keeps, until when, and the remedy. */
  remains: Remainder[];
  /** Bronze objects that cannot be read as rows and were not searched. */
  not_searched: string[];
  /** Rows that may concern the customer and were kept. */
  left: LeftRows[];
  /**
   * Commits of older versions whose messages quote personal data of the customer: they cannot be
   * rewritten (docs/runbook.md).
   */
  commits: number[];
};

/** The number of rows of an object that may concern the customer. */
export type LeftRows = { object: string; rows: number };

/** What an erasure would rewrite, and the uncertain rows that it would keep. */
export type ErasePlan = {
  customer: number;
  objects: Rewrite[];
  unsure: UnsureRow[];
  not_searched: string[];
  commits: number[];
};

/** Plans an erasure without writing anything. Error: `CustomerUnknown`. */
export async function planErasure(
  lake: EraseLake,
  customer: CustomerName,
  also: readonly RowName[] = [],
): Promise<ErasePlan> {
  const hash = (await knownHash(lake.workspace.store)) ?? hashWith(lake.newKey());
  const person = await findPerson(lake, customer, hash);
  const { removals, unsure } = await findRemovals(lake, person, {
    hash,
    also,
    pending: noPending(),
  });
  return {
    customer: person.id,
    objects: removals.map(rewriteOf),
    unsure,
    not_searched: await unsearchedObjects(lake),
    commits: (await entriesNaming(lake, person.tombstone, hash)).commits,
  };
}

/**
 * Erases a customer in this order: tombstone and bronze; silver and gold with a commit; live files
 * with stale rows, with further commits; older gold and the registry, with a commit; the serving
 * table; files that no commit names; the certificate. After each step the lake is valid, and the
 * next run finds the remaining work, so the process may be killed at any point and run again.
 * `also`: uncertain rows to remove as well. Returns undefined where nothing was left to do. Errors:
 * `CustomerUnknown`, `EraseRefused`, `WarehouseForeign`, `UsageError`.
 */
export async function erase(
  lake: EraseLake,
  customer: CustomerName,
  also: readonly RowName[] = [],
): Promise<Certificate | undefined> {
  const { store } = lake.workspace;
  if (store.keepsTimes !== true)
    throw new EraseRefused(`${store.name} cannot keep an object's last-modified time.`, {
      hint: 'The order of arrival depends on it. Erase in a copy of the lake on a disk, then replace the lake by the copy.',
    });
  // Checked first: erasing in a copy of a lake must not change the original's serving table.
  await mustOwnTable(lake);
  await lake.upToCommit();
  const { person, hash, tombstone, objects, left } = await eraseBronze(lake, customer, also);
  if (objects === undefined) return undefined;
  await lake.upToCommit();
  const wanted = wantedBy(hash, [tombstone], { guesses: true });
  await remakeStale(
    lake,
    wanted,
    objects.map(({ object }) => object),
  );
  const rewritten = await rewriteHistory(lake, [person.id, ...person.previousIds]);
  const { deleted, remains } = await eraseServed(lake);
  const removed = await removeUnreferenced(lake);
  const entries = await entriesNaming(lake, person.tombstone, hash);
  for (const key of entries.checkpoints) await store.remove(key);
  const certificate: Certificate = {
    format: 1,
    erased_at: lake.now().toISOString(),
    seq: (await readLedger(store)).seq,
    tombstone: hash('id', String(person.id)),
    objects,
    rewritten,
    removed: [...removed, ...entries.checkpoints],
    table: { warehouse: (await lake.warehouse()).name, deleted },
    remains,
    not_searched: await unsearchedObjects(lake),
    left,
    commits: entries.commits,
  };
  const stamp = certificate.erased_at.replace(/[-:]|\.\d+/g, '');
  const name = `${stamp}-${certificate.tombstone.slice(0, 12)}-${lake.newId()}`;
  await store.put(`${CERTIFICATES}${name}.json`, Buffer.from(`${JSON.stringify(certificate)}\n`));
  await removePending(store, person.key);
  return certificate;
}

type Bronze = {
  person: Person;
  hash: Hash;
  tombstone: Tombstone;
  /**
   * Undefined where an earlier erasure of the customer is complete and no new rows name them.
   */
  objects: Rewrite[] | undefined;
  left: LeftRows[];
};

/**
 * Removes the customer's rows from bronze. The planned rewrites are recorded first, so that the
 * certificate of a later attempt also lists what an earlier one rewrote.
 */
async function eraseBronze(
  lake: EraseLake,
  customer: CustomerName,
  also: readonly RowName[],
): Promise<Bronze> {
  const { store } = lake.workspace;
  const newKey = lake.newKey();
  const hash = (await knownHash(store)) ?? hashWith(newKey);
  const person = await findPerson(lake, customer, hash);
  const known = await readTombstone(store, person.key);
  const pending = await readPending(store, person.key);
  const { removals, unsure, tombstone } = await findRemovals(lake, person, {
    hash,
    also,
    pending: pending ?? noPending(),
  });
  const left = countByObject(unsure);
  const isDone = known !== undefined && pending === undefined && !person.isInLake;
  const wanted = wantedBy(hash, [tombstone], { guesses: true });
  // Earlier versions of this code finished while such files still existed.
  if (isDone && removals.length === 0 && (await filesWithStaleRows(lake, wanted)).length === 0)
    return { person, hash, tombstone, objects: undefined, left };
  const before = pending?.objects ?? [];
  const all = new Map(
    [...before, ...removals.map(rewriteOf)].map((rewrite) => [rewrite.object, rewrite] as const),
  );
  const objects = [...all.values()];
  await hashOf(store, newKey);
  await writePending(store, person.key, {
    customer: person.id,
    objects,
    also: [...(pending?.also ?? []), ...also.map(({ text }) => text)],
  });
  await writeTombstone(store, person.key, tombstone);
  for (const removal of removals)
    await rewriteObject({ ...lake, hash }, lake.settings.limits, removal);
  return { person, hash, tombstone, objects, left };
}

const countByObject = (unsure: readonly UnsureRow[]): LeftRows[] =>
  [...new Set(unsure.map(({ object }) => object))].map((object) => ({
    object,
    rows: unsure.filter((one) => one.object === object).length,
  }));

const entriesNaming = (
  { workspace }: EraseLake,
  tombstone: Tombstone,
  hash: Hash,
): Promise<NamingEntries> =>
  namingEntries(workspace.store, wantedBy(hash, [tombstone], { guesses: true }));

/**
 * Updates the serving table and counts the deleted rows. Rows that a killed attempt deleted are not
 * counted again.
 */
async function eraseServed(lake: EraseLake): Promise<{ deleted: number; remains: Remainder[] }> {
  const audit = await auditTable(lake, 0);
  const result = audit.behind ? await takeOver(lake, audit) : undefined;
  return { deleted: result?.deleted ?? 0, remains: await audit.warehouse.forget() };
}

/** The table must be new, or at a commit of this ledger, as for a run. */
async function mustOwnTable({ workspace, warehouse: open }: EraseLake): Promise<void> {
  const ledger = await readLedger(workspace.store);
  const warehouse = await open();
  const state = await warehouse.state();
  mustBeOwn(warehouse, await tableOrigin(workspace.store, ledger, state), ledger, state.sync);
}

import { type CustomerFacts, type CustomerName, customerQuestion } from '../customer/facts.ts';
import { byPurchase } from '../customer/explain.ts';
import { oneCustomer } from '../customer/find.ts';
import { readCommits, readLedger } from '../ledger/ledger.ts';
import type { VersionOrder } from '../ports/person-search.ts';
import type { LakeState } from '../ledger/records.ts';
import type { LakeSettings } from '../settings.ts';
import type { HistoryRow } from '../../medallion/gold/explain.ts';
import type { EraseLake } from './erase-lake.ts';
import { filesWithStaleRows } from './stale-rows.ts';
import {
  type Hash,
  hiddenIds,
  idOfErased,
  joined,
  readTombstone,
  type Tombstone,
  tombstoneKey,
} from './tombstones.ts';
import { lowered, wantedBy } from './wanted.ts';

/**
 * `isInLake`: the lake holds rows of the person, at least in older gold. `previousIds`: integers
 * that the registry assigned before it was renumbered.
 */
export type Person = {
  id: number;
  previousIds: number[];
  key: string;
  tombstone: Tombstone;
  isInLake: boolean;
};

/**
 * Finds the person for a name, and all other names that rows may have for them. Error:
 * `CustomerUnknown` where neither the lake nor a tombstone has the person.
 */
export async function findPerson(
  lake: EraseLake,
  customer: CustomerName,
  hash: Hash,
): Promise<Person> {
  const { workspace, customerIndex, settings, facts: ask } = lake;
  const state = await readLedger(workspace.store);
  const liveFacts = await ask(customerQuestion(state, customer));
  const erasedId =
    liveFacts.ids.length > 0 ? undefined : await idOfErased(workspace.store, customer, hash);
  const facts =
    erasedId === undefined
      ? liveFacts
      : await ask(customerQuestion(state, { kind: 'id', id: erasedId }));
  const [only, ...more] = facts.ids;
  const id = only === undefined || more.length > 0 ? oneCustomer(state, customer, facts) : only;
  const key = tombstoneKey(hash, id);
  const goldRows = await goldRowsOf(workspace, customerIndex, id);
  const erased = await readTombstone(workspace.store, key);
  const hasRows = facts.history.length + facts.refused.length + goldRows.length > 0;
  const ownVersions = facts.history.filter(({ customer_id }) => customer_id === String(id));
  const rows = [...ownVersions, ...goldRows];
  const some = (values: (string | null | undefined)[]): string[] =>
    [...new Set(values)].flatMap((value) => value ?? []);
  // No row holds an integer of the registry: a later row with it as customer_id is another
  // customer's.
  const own = hash('id', String(id));
  const isOwn =
    facts.keys.length === 0 &&
    (erased === undefined || erased.names.includes(own) || ownVersions.length > 0);
  const names = [
    ...(isOwn ? [own] : []),
    ...facts.keys.map((name) => hash('key', name)),
    ...some(rows.map(({ email }) => email)).map((email) => hash('email', email)),
    ...some(rows.map(({ full_name }) => lowered(full_name ?? null))).map((name) =>
      hash('name', name),
    ),
  ];
  const tombstone = joined(erased, {
    format: 1,
    names,
    ...purchasesOf(state, settings, facts, id, hash),
    hidden: hiddenIds(hash, [id, ...facts.previousIds]),
  });
  // Live files may hold stale rows of the person, even where no gold with them is kept.
  const isInLake =
    hasRows ||
    (erased === undefined &&
      (await filesWithStaleRows(lake, wantedBy(hash, [tombstone]))).length > 0);
  if (!isInLake && erased === undefined) oneCustomer(state, customer, facts);
  return { id, previousIds: facts.previousIds, key, tombstone, isInLake };
}

/** The customer's rows in every version of gold that still exists. */
async function goldRowsOf(
  workspace: EraseLake['workspace'],
  customerIndex: EraseLake['customerIndex'],
  id: number,
): Promise<Record<string, string | null>[]> {
  const versions = [];
  for await (const { commit } of readCommits(workspace.store)) {
    const files = (commit.gold?.files ?? []).map(({ key }) => key);
    const isInLake = await Promise.all(files.map((key) => workspace.store.head(key)));
    if (isInLake.every((info) => info !== undefined)) versions.push({ seq: commit.seq, files });
  }
  return (await customerIndex.customerIn(workspace, id, versions)).map(({ row }) => row);
}

/**
 * The customer's purchases for the tombstone. `own`: every version is the customer's. `purchases`:
 * the customer has the newest version and another customer an older one, which would count again if
 * only the newest were removed.
 */
function purchasesOf(
  { objects }: LakeState,
  { sources }: LakeSettings,
  { history }: CustomerFacts,
  id: number,
  hash: Hash,
): Pick<Tombstone, 'purchases' | 'own' | 'until'> {
  const withIds = new Set(
    sources.flatMap(({ name, fields }) => (fields.purchase_id === undefined ? [] : [name])),
  );
  const isOwnVersion = (row: HistoryRow): boolean => row.customer_id === String(id);
  const isOtherVersion = (row: HistoryRow): boolean =>
    row.customer_id !== null && !isOwnVersion(row);
  const own: string[] = [];
  const until: NonNullable<Tombstone['until']> = {};
  for (const rows of byPurchase(history)) {
    const [winner] = rows;
    if (winner === undefined || !withIds.has(winner.source ?? '')) continue;
    const purchase = hash('purchase', winner.source ?? '', winner.purchase_id ?? '');
    if (!rows.some(isOtherVersion)) own.push(purchase);
    else if (isOwnVersion(winner)) until[purchase] = orderOf(winner, objects);
  }
  return { purchases: Object.keys(until), own, until };
}

function orderOf(row: HistoryRow, objects: LakeState['objects']): VersionOrder {
  const key = row.object_key ?? '';
  const { ingestion_date = '', modified = 0 } = objects.get(key) ?? {};
  const { updated_number, updated_micros, row_number } = row;
  return { updated_number, updated_micros, ingestion_date, modified, key, row: Number(row_number) };
}

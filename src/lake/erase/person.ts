import { type CustomerFacts, type CustomerName, customerQuestion } from '../customer-facts.ts';
import { oneCustomer } from '../find-customer.ts';
import { readCommits, readLedger } from '../ledger.ts';
import type { HistoryRow } from '../../medallion/explain.ts';
import type { EraseLake } from './erase-lake.ts';
import {
  type Hash,
  joined,
  lowered,
  readTombstone,
  type Tombstone,
  tombstoneKey,
} from './tombstones.ts';

/** `there`: the lake says something of them, at least in older gold. `former`: integers that the registry gave them before it was renumbered. */
export type Person = {
  id: number;
  former: number[];
  key: string;
  tombstone: Tombstone;
  there: boolean;
};

/** Whom a name stands for, and by what else rows may name them. Error: `CustomerUnknown` where neither the lake nor a tombstone knows them. */
export async function personNamed(
  { work, comparer, facts: ask }: EraseLake,
  customer: CustomerName,
  hash: Hash,
): Promise<Person> {
  const state = await readLedger(work.store);
  const facts = await ask(customerQuestion(state, customer));
  const [only, ...more] = facts.ids;
  const id = only === undefined || more.length > 0 ? oneCustomer(state, customer, facts) : only;
  const key = tombstoneKey(hash, id);
  const past = await pastRows(work, comparer, id);
  const erased = await readTombstone(work.store, key);
  const there = facts.history.length + facts.refused.length + past.length > 0;
  if (!there && erased === undefined) oneCustomer(state, customer, facts);
  const theirs = facts.history.filter(({ customer_id }) => customer_id === String(id));
  const told = [...theirs, ...past];
  const some = (values: (string | null | undefined)[]): string[] =>
    [...new Set(values)].flatMap((value) => value ?? []);
  // No row is known by an integer of the registry: one that has it as its customer_id some day is somebody else's.
  const own = hash('id', String(id));
  const isOwn =
    facts.keys.length === 0 &&
    (erased === undefined || erased.names.includes(own) || theirs.length > 0);
  const names = [
    ...(isOwn ? [own] : []),
    ...facts.keys.map((name) => hash('key', name)),
    ...some(told.map(({ email }) => email)).map((email) => hash('email', email)),
    ...some(told.map(({ full_name }) => lowered(full_name ?? null))).map((name) =>
      hash('name', name),
    ),
  ];
  const purchases = movedPurchases(facts, id).map(({ source, purchase_id }) =>
    hash('purchase', source ?? '', purchase_id ?? ''),
  );
  const tombstone = joined(erased, { format: 1, names, purchases });
  return { id, former: facts.former, key, tombstone, there };
}

/** What gold ever said of the customer, as far as it is kept. */
async function pastRows(
  work: EraseLake['work'],
  comparer: EraseLake['comparer'],
  id: number,
): Promise<Record<string, string | null>[]> {
  const versions = [];
  for await (const { commit } of readCommits(work.store)) {
    const files = (commit.gold?.files ?? []).map(({ key }) => key);
    const there = await Promise.all(files.map((key) => work.store.head(key)));
    if (there.every((info) => info !== undefined)) versions.push({ seq: commit.seq, files });
  }
  return (await comparer.customerIn(work, id, versions)).map(({ row }) => row);
}

/** Purchases that were somebody else's in an older version, which would count again if just the newer one went. */
function movedPurchases({ history }: CustomerFacts, id: number): HistoryRow[] {
  const named = (row: HistoryRow): boolean => row.customer_id === String(id);
  const moved = history.filter(({ place }) => place === '1').filter(named);
  return moved.filter(({ source, purchase_id }) =>
    history.some((row) => row.source === source && row.purchase_id === purchase_id && !named(row)),
  );
}

import { EraseRefused } from '../../errors.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { ObjectToRead } from '../ports/engine.ts';
import { difference, remake } from '../run/plan.ts';
import { ratesInUse } from '../run/rates.ts';
import { chosenRows, type RowName } from './also.ts';
import type { Removal, UnsureRow } from './decide.ts';
import type { EraseLake } from './erase-lake.ts';
import { findRows, type Search } from './find-rows.ts';
import type { Pending } from './pending.ts';
import type { Person } from './person.ts';
import { taskFor } from './reapply-erasures.ts';
import { type Hash, joined, type Tombstone } from './tombstones.ts';
import { hashOfRow, wantedBy, type WantedPeople } from './wanted.ts';

type RemovalSearch = { hash: Hash; also: readonly RowName[]; pending: Pending };

/**
 * Finds the rows to remove, chosen ones included, and the uncertain rows to keep. Error:
 * `UsageError`.
 */
export async function findRemovals(
  lake: EraseLake,
  person: Person,
  { hash, also, pending }: RemovalSearch,
): Promise<{ removals: Removal[]; unsure: UnsureRow[]; tombstone: Tombstone }> {
  const wantedWith = (tombstone: Tombstone): WantedPeople =>
    wantedBy(hash, [tombstone], { guesses: true });
  const search = await searchBronze(lake, person, wantedWith(person.tombstone));
  const { unsure } = search.decide(wantedWith(person.tombstone));
  const rows = chosenRows(also, unsure, pending).map(({ source, raw }) =>
    hashOfRow(hash, source, raw),
  );
  const tombstone = joined(person.tombstone, { format: 1, names: [], purchases: [], rows });
  const decided = search.decide(wantedWith(tombstone));
  return {
    removals: decided.removals,
    unsure: decided.unsure.map(({ object, row, why, raw }) => ({ object, row, why, raw })),
    tombstone,
  };
}

async function searchBronze(
  lake: EraseLake,
  person: Person,
  wanted: WantedPeople,
): Promise<Search> {
  const { workspace, settings } = lake;
  const rates = await ratesInUse(workspace.store, lake.rates);
  const objects = await candidates(lake, person);
  const task = await taskFor(settings, workspace, rates, objects);
  return findRows(lake, task, wanted, await readLedger(workspace.store));
}

/**
 * Objects with silver rows of the customer, and those whose rows silver does not hold one by one:
 * rejected rows, lines of a purchase, and objects that no run has read.
 */
async function candidates(
  { workspace, customerIndex, settings }: EraseLake,
  { id }: Person,
): Promise<ObjectToRead[]> {
  const ledger = await readLedger(workspace.store);
  const { make, unchanged, kept } = await difference(workspace.store, ledger, settings);
  const records = [...unchanged, ...kept].flatMap((key) => ledger.objects.get(key) ?? []);
  const inSilver = records.flatMap(({ key, silver }) =>
    silver === null ? [] : [{ object: key, file: silver }],
  );
  const matches = await customerIndex.objectsOf(workspace, id, {
    candidates: inSilver,
    live: [],
    keys: ledger.keys.files.map(({ key }) => key),
  });
  const inCustomerRows = new Set(matches.map(({ object }) => object));
  mustBeReadable(kept.filter((key) => inCustomerRows.has(key)));
  const inLines = new Set(
    settings.sources.flatMap(({ name, rows }) => (rows === 'lines' ? [name] : [])),
  );
  const chosen = records.filter(
    ({ key, rows, source }) =>
      inCustomerRows.has(key) || rows.quarantined > 0 || (source !== null && inLines.has(source)),
  );
  const hidden = new Set(kept);
  const readable = chosen.filter(({ key }) => !hidden.has(key));
  return [...make, ...readable.map((record) => remake(record, settings))];
}

/**
 * Rows of the customer in an unreadable object would stay in bronze, and return with the next
 * rebuild. Error: `EraseRefused`.
 */
function mustBeReadable(objects: readonly string[]): void {
  const [first] = objects;
  if (first === undefined) return;
  throw new EraseRefused(
    `${objects.length} objects hold rows of the customer and cannot be read, ${JSON.stringify(first)} first.`,
    { hint: 'See why with purchases plan, make them readable, and erase again.' },
  );
}

/** Returns the bronze objects that cannot be read as rows, and so cannot be searched. */
export async function unsearchedObjects({
  workspace: { store },
  settings,
}: EraseLake): Promise<string[]> {
  const ledger = await readLedger(store);
  const { ignored, skipped, kept } = await difference(store, ledger, settings);
  const refused = [...ledger.objects.values()].filter(
    ({ refused: why }) => why !== undefined && why.reason !== 'too_many_refused',
  );
  const notReadable = [...skipped.map(({ key }) => key), ...kept];
  return [...new Set([...refused.map(({ key }) => key), ...ignored, ...notReadable])].toSorted();
}

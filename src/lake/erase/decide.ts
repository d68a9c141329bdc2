import { fieldColumns, personColumns, readElsewhere } from '../../medallion/columns.ts';
import type { ObjectToRead } from '../ports/engine.ts';
import {
  type FoundRow,
  type Others,
  purchaseName,
  type VersionOrder,
} from '../ports/person-search.ts';
import { isOlder } from './version-order.ts';
import type { WantedPeople } from './wanted.ts';

/** Reasons why a row may concern the person without certainty (docs/runbook.md). */
export const UNSURE = {
  number: 'is malformed and holds the customer_id as a number',
  key: 'is malformed and holds the customer key as a word',
  name: 'names no customer, but holds the same name',
  email_shared: 'names no customer, and its e-mail address is also another customer’s',
  deletes_purchase: 'deletes a purchase of another customer, which would count again',
  gives_cells: 'is a line of another customer’s purchase, which has its name or address from here',
} as const;

/** A row that may concern the customer: the operator must decide. */
export type UnsureRow = { object: string; row: number; why: keyof typeof UNSURE; raw: string };

/**
 * What to remove from one object: whole rows, each with whether it was rejected, and from other
 * lines the values of some columns.
 */
export type Removal = {
  object: ObjectToRead;
  rows: Map<number, { rejected: boolean }>;
  lines: Map<number, string[]>;
};

export type Decided = { removals: Removal[]; unsure: (UnsureRow & { source: string })[] };

/**
 * Divides the found rows into those that certainly concern the wanted people, in the order of the
 * objects, and those that may.
 */
export function decide(
  objects: readonly ObjectToRead[],
  found: readonly FoundRow[],
  others: Others,
  wanted: WantedPeople,
): Decided {
  const latest = latestNamed(found);
  const removals = new Map<string, Removal>();
  const byKey = new Map(objects.map((object) => [object.key, object]));
  const removalOf = (key: string): Removal | undefined => {
    const object = byKey.get(key);
    const known = removals.get(key);
    if (object === undefined || known !== undefined) return known;
    const removal: Removal = { object, rows: new Map(), lines: new Map() };
    removals.set(key, removal);
    return removal;
  };
  const unsure: Decided['unsure'] = [];
  for (const row of found) {
    const { object, rejected } = row;
    if (row.kind === 'line') {
      const { blank, kept } = lineColumns(byKey.get(object), row, wanted);
      if (blank.length > 0) removalOf(object)?.lines.set(row.row, blank);
      if (kept) unsure.push({ object, row: row.row, why: 'gives_cells', ...textOf(row) });
      continue;
    }
    const why = doubt(row, others, wanted, latest);
    if (why === undefined) removalOf(object)?.rows.set(row.row, { rejected });
    else if (why !== 'kept' && row.kind === 'unattributed')
      unsure.push({ object, row: row.row, why, ...textOf(row) });
  }
  return {
    removals: objects.flatMap(({ key }) => removals.get(key) ?? []),
    unsure: unsure.filter(({ object, row }) => removals.get(object)?.rows.has(row) !== true),
  };
}

const textOf = ({ source, raw }: { source: string; raw: string }) => ({ source, raw });

/** Returns undefined where the row must be removed, `kept` where it must not. */
function doubt(
  row: FoundRow & { kind: 'named' | 'version' | 'unattributed' },
  others: Others,
  wanted: WantedPeople,
  latest: ReadonlyMap<string, VersionOrder>,
): keyof typeof UNSURE | 'kept' | undefined {
  if (row.kind === 'named') return undefined;
  if (row.kind === 'version') {
    // A rejected row is not a version, unless a later rate makes it valid.
    if (row.owned && row.rejected && !row.heals) return 'kept';
    const { version } = row;
    const until = [wanted.until(version), latest.get(nameOf(version))];
    const known = until.filter((order) => order !== undefined);
    const isSuperseded = known.length === 0 || known.some((order) => isOlder(version.order, order));
    return isSuperseded ? undefined : 'kept';
  }
  const { mention, deletes, source } = row;
  if (mention.why === 'chosen' || wanted.isChosen(source, row.raw) || mention.why === 'purchase')
    return undefined;
  if (mention.why !== 'email') return mention.why;
  if (others.emails.has(mention.email)) return 'email_shared';
  const isOtherPurchase =
    deletes !== undefined && others.purchases.has(purchaseName(source, deletes));
  return isOtherPurchase ? 'deletes_purchase' : undefined;
}

const nameOf = ({ source, purchaseId }: { source: string; purchaseId: string }): string =>
  purchaseName(source, purchaseId);

/**
 * The newest version that names a wanted person, of each purchase whose older versions are searched
 * for.
 */
function latestNamed(found: readonly FoundRow[]): Map<string, VersionOrder> {
  const latest = new Map<string, VersionOrder>();
  for (const row of found) {
    if (row.kind !== 'named' || row.version === undefined || row.rejected) continue;
    const name = nameOf(row.version);
    const known = latest.get(name);
    if (known === undefined || isOlder(known, row.version.order))
      latest.set(name, row.version.order);
  }
  return latest;
}

/**
 * Columns to blank in a line that names the customer while its purchase is another customer's: all
 * personal columns, except those that supply the purchase's only value, since no cell of another
 * customer may change. None where that would leave the customer's id or key in the line.
 */
function lineColumns(
  object: ObjectToRead | undefined,
  line: FoundRow & { kind: 'line' },
  wanted: WantedPeople,
): { blank: string[]; kept: boolean } {
  const source = object?.source ?? null;
  if (source === null) return { blank: [], kept: false };
  const gives = wanted.isChosen(line.source, line.raw) ? [] : line.supplies;
  const keep = new Set([...readElsewhere(source), ...fieldColumns(source, gives)]);
  const blank = [...new Set(personColumns(source))].filter((column) => !keep.has(column));
  const naming = fieldColumns(source, ['customer_id', 'customer_key']);
  const isUnlinked = naming.every((column) => blank.includes(column));
  return { blank: isUnlinked ? blank : [], kept: gives.length > 0 || !isUnlinked };
}

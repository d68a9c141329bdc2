import type {
  Mention,
  UnattributedRow,
  PurchaseVersion,
  VersionOrder,
  Wanted,
} from '../ports/person-search.ts';
import { withoutCarried } from '../rewrite/carried-keys.ts';
import type { Hash, HashedKind, Tombstone } from './tombstones.ts';
import { isOlder } from './version-order.ts';

/** Matches rows against tombstones. */
export type WantedPeople = Wanted & {
  /** True where the operator chose to remove the row. */
  isChosen(source: string, raw: string): boolean;
  /**
   * Returns the erased customer's version of a purchase; undefined where no tombstone records it.
   */
  until(version: PurchaseVersion): VersionOrder | undefined;
};

/** Builds the matcher. `guesses`: also match uncertain rows, for the operator to decide. */
export function wantedBy(
  hash: Hash,
  tombstones: readonly Tombstone[],
  { guesses = false }: { guesses?: boolean } = {},
): WantedPeople {
  const all = (of: 'names' | 'purchases' | 'own' | 'rows'): Set<string> =>
    new Set(tombstones.flatMap((tombstone) => tombstone[of] ?? []));
  const [names, purchases, own, rows] = [all('names'), all('purchases'), all('own'), all('rows')];
  const until = new Map<string, VersionOrder>();
  for (const [purchase, order] of tombstones.flatMap((tombstone) =>
    Object.entries(tombstone.until ?? {}),
  )) {
    const known = until.get(purchase);
    if (known === undefined || isOlder(known, order)) until.set(purchase, order);
  }
  const has = (kind: HashedKind, value: string | null): boolean =>
    value !== null && names.has(hash(kind, value));
  const isChosen = (source: string, raw: string): boolean =>
    rows.size > 0 && rows.has(hashOfRow(hash, source, raw));
  const isOwn = (source: string, id: string | null): boolean =>
    id !== null && own.size > 0 && own.has(hash('purchase', source, id));
  return {
    customer: (id, key) => has('id', id) || has('key', key),
    ...(purchases.size === 0
      ? {}
      : { moved: (source, id) => purchases.has(hash('purchase', source, id)) }),
    unattributed(source, row) {
      if (isChosen(source, row.raw)) return { why: 'chosen' };
      if (row.malformed) return mentionInText(row.raw, has, guesses);
      if (isOwn(source, row.purchaseId)) return { why: 'purchase' };
      return mentionIn(row, has, guesses);
    },
    isChosen,
    until: ({ source, purchaseId }) => until.get(hash('purchase', source, purchaseId)),
  };
}

/** Returns the hash of a chosen row. */
export const hashOfRow = (hash: Hash, source: string, raw: string): string =>
  hash('row', source, withoutCarried(raw));

type Has = (kind: HashedKind, value: string | null) => boolean;

function mentionIn(
  { email, name }: UnattributedRow,
  has: Has,
  guesses: boolean,
): Mention | undefined {
  if (email !== null) return has('email', email) ? { why: 'email', email } : undefined;
  return guesses && has('name', lowered(name)) ? { why: 'name' } : undefined;
}

/**
 * Separators of words: characters that no address holds. The second also separates names and
 * numbers in quotes and brackets.
 */
const BETWEEN_ADDRESSES = /[\s,;|<>()"[\]:\\]+/u;
const BETWEEN_WORDS = /[\s,;|"'{}[\]:<>()]+/u;
const LONGEST_NAME = 6;

/**
 * Finds a mention in text that is not split into fields: a whole address, else, as a guess, a
 * number, a key or a name among its words.
 */
export function mentionInText(raw: string, has: Has, guesses: boolean): Mention | undefined {
  const words = raw.split(BETWEEN_WORDS).filter((word) => word !== '');
  for (const word of [...raw.split(BETWEEN_ADDRESSES), ...words]) {
    const email = asciiLowered(word);
    if (word.includes('@') && has('email', email)) return { why: 'email', email };
  }
  if (!guesses) return undefined;
  if (words.some((word) => has('id', wholeNumber(word)))) return { why: 'number' };
  if (words.some((word) => has('key', asciiLowered(word)))) return { why: 'key' };
  const isNamed = words.some((_, at) =>
    Array.from({ length: Math.min(LONGEST_NAME, words.length - at) }, (__, more) =>
      words.slice(at, at + more + 1).join(' '),
    ).some((name) => has('name', lowered(name))),
  );
  return isNamed ? { why: 'name' } : undefined;
}

export const lowered = (text: string | null): string | null => text?.toLowerCase() ?? null;
const asciiLowered = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

const wholeNumber = (word: string): string | null =>
  /^[+-]?[0-9]{1,12}(?:\.0*)?$/.test(word) ? String(Number(word)) : null;

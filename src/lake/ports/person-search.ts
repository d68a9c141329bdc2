import type { DataFile } from '../ledger/records.ts';
import type { BronzeToSilverInput, LiveObject, Workspace } from './engine.ts';

/**
 * What a row without a customer that can be read says, as the rules read it; every value is text or
 * null. `raw` is the row as it was read.
 */
export type UnattributedRow = {
  malformed: boolean;
  raw: string;
  email: string | null;
  name: string | null;
  purchaseId: string | null;
};

/**
 * Why a row that names no customer may concern whom is wanted. `asked`: somebody chose this very
 * row. `purchase`: it is a row of a purchase of theirs alone. `email`: it says an address of
 * theirs, as `email`. The others are guesses.
 */
export type Mention =
  | { why: 'chosen' | 'purchase' | 'number' | 'key' | 'name' }
  | { why: 'email'; email: string };

/** Who is looked for. */
export type Wanted = {
  customer(id: string | null, key: string | null): boolean;
  /**
   * Whether older versions of a purchase, whoever they name, are looked for; undefined where there
   * is no such purchase.
   */
  moved?(source: string, purchaseId: string): boolean;
  unattributed(source: string, row: UnattributedRow): Mention | undefined;
};

/**
 * What decides which of two versions of a purchase wins (SPEC section 6). Numbers are exact text;
 * times are seconds since 1970.
 */
export type VersionOrder = {
  updated_number: string | null;
  updated_micros: string | null;
  ingestion_date: string;
  modified: number;
  key: string;
  row: number;
};

/** A version of a purchase that was looked for. */
export type PurchaseVersion = { source: string; purchaseId: string; order: VersionOrder };

/**
 * A row of a bronze object, 1 being the first; `rejected` where the rules have a reason against it.
 * `named`: it counts for the wanted customer. `version`: a row of a purchase that was looked for
 * which names another customer, or none. `line`: a line of somebody else's purchase which names the
 * wanted customer; `gives` are the fields for which that purchase has no other value. `nobodys`: it
 * names no customer.
 */
export type FoundRow = { object: string; row: number; rejected: boolean } & (
  | { kind: 'named'; version?: PurchaseVersion }
  | { kind: 'version'; version: PurchaseVersion; owned: boolean; heals: boolean }
  | { kind: 'line'; source: string; raw: string; supplies: SuppliedField[] }
  | {
      kind: 'unattributed';
      source: string;
      raw: string;
      mention: Mention;
      /** The purchase that the row deletes. */
      deletes?: string;
    }
);

export const SUPPLIED_FIELDS = ['first_name', 'last_name', 'full_name', 'email'] as const;
export type SuppliedField = (typeof SUPPLIED_FIELDS)[number];

/**
 * What customers other than the wanted ones say, among what was asked for: addresses, and purchases
 * as `purchaseName`.
 */
export type Others = { emails: Set<string>; purchases: Set<string> };

export const purchaseName = (source: string, purchaseId: string): string =>
  JSON.stringify([source, purchaseId]);

/**
 * A live file, and the objects of which readers take rows from it: rows of all others in it are
 * stale.
 */
export type LiveFile = {
  file: string;
  layer: 'silver' | 'quarantine';
  objects: readonly string[];
};

/** Finds people in the lake by the rules that make silver. One adapter an engine. */
export type PersonSearch = {
  /**
   * Error: `CustomerIdsCollide` where rows of live objects, but for some of them, have a
   * customer_id that the registry gave to a key.
   */
  mustNotCollide(
    workspace: Workspace,
    lake: { live: LiveObject[]; keys: { files: DataFile[] } },
    except: readonly string[],
  ): Promise<void>;
  /**
   * Rows of bronze objects that are wanted, and what others in the same objects say of the same;
   * objects that cannot be read as rows have none.
   */
  rows(
    workspace: Workspace,
    task: BronzeToSilverInput,
    wanted: Wanted,
  ): Promise<{ rows: FoundRow[]; others: Others }>;
  /** Which of the addresses, and of the purchases, live silver rows of other customers have. */
  others(
    workspace: Workspace,
    live: readonly { object: string; file: string }[],
    candidates: { emails: readonly string[]; purchases: readonly (readonly [string, string])[] },
    isWanted: Wanted['customer'],
  ): Promise<Others>;
  /**
   * Which of the files hold stale rows that may concern whom is wanted, or any stale rows of the
   * rewritten objects.
   */
  stale(
    workspace: Workspace,
    files: readonly LiveFile[],
    criteria: { wanted: Wanted; rewritten: ReadonlySet<string> },
  ): Promise<string[]>;
  /**
   * Writes Parquet files that have a customer_id once more as one, without some customers;
   * undefined where none of them has any.
   */
  without(
    workspace: Workspace,
    files: readonly DataFile[],
    customers: readonly number[],
    key: string,
  ): Promise<DataFile | undefined>;
};

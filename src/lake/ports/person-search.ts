import type { DataFile } from '../ledger/records.ts';
import type { BronzeToSilverInput, LiveObject, Workspace } from './engine.ts';

/**
 * A row without a readable customer, with the values that the rules read from it as text or null.
 * `raw` is the row as it was read.
 */
export type UnattributedRow = {
  malformed: boolean;
  raw: string;
  email: string | null;
  name: string | null;
  purchaseId: string | null;
};

/**
 * Why a row that names no customer may concern a wanted person. `chosen`: the operator chose this
 * row. `purchase`: all versions of its purchase are the person's. `email`: it holds an address of
 * the person. The others are guesses.
 */
export type Mention =
  | { why: 'chosen' | 'purchase' | 'number' | 'key' | 'name' }
  | { why: 'email'; email: string };

/** Predicates that recognise the people searched for. */
export type Wanted = {
  customer(id: string | null, key: string | null): boolean;
  /**
   * True where older versions of the purchase are searched for, whichever customer they name.
   * Undefined where there is no such purchase.
   */
  moved?(source: string, purchaseId: string): boolean;
  unattributed(source: string, row: UnattributedRow): Mention | undefined;
};

/**
 * The sort key that ranks versions of a purchase (SPEC section 6). Numbers are exact text;
 * `modified` is seconds since 1970.
 */
export type VersionOrder = {
  updated_number: string | null;
  updated_micros: string | null;
  ingestion_date: string;
  modified: number;
  key: string;
  row: number;
};

/** A version of a purchase that was searched for. */
export type PurchaseVersion = { source: string; purchaseId: string; order: VersionOrder };

/**
 * A row of a bronze object, 1 being the first; `rejected` where the rules reject it. `named`: it
 * counts for the wanted customer. `version`: a row of a purchase that was searched for; it names
 * another customer, or none. `line`: a line of another customer's purchase that names the wanted
 * customer; `supplies` are the fields for which that purchase has no other value. `unattributed`:
 * it names no customer.
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

/** E-mail addresses and purchases (as `purchaseName`) that other customers also have. */
export type Others = { emails: Set<string>; purchases: Set<string> };

export const purchaseName = (source: string, purchaseId: string): string =>
  JSON.stringify([source, purchaseId]);

/** A live file and its live objects. Rows of all other objects in the file are stale. */
export type LiveFile = {
  file: string;
  layer: 'silver' | 'quarantine';
  objects: readonly string[];
};

/** Finds people in the lake by the rules that read silver. One adapter per engine. */
export type PersonSearch = {
  /**
   * Checks that no row of a live object has a customer_id that the registry assigned to a key;
   * objects in `except` are left out. Error: `CustomerIdsCollide`.
   */
  mustNotCollide(
    workspace: Workspace,
    lake: { live: LiveObject[]; keys: { files: DataFile[] } },
    except: readonly string[],
  ): Promise<void>;
  /**
   * Returns the wanted rows of bronze objects, and the addresses and purchases of those rows that
   * other customers in the same objects have. Objects that cannot be read as rows have none.
   */
  rows(
    workspace: Workspace,
    task: BronzeToSilverInput,
    wanted: Wanted,
  ): Promise<{ rows: FoundRow[]; others: Others }>;
  /** Returns the candidate addresses and purchases that live silver rows of others have. */
  others(
    workspace: Workspace,
    live: readonly { object: string; file: string }[],
    candidates: { emails: readonly string[]; purchases: readonly (readonly [string, string])[] },
    isWanted: Wanted['customer'],
  ): Promise<Others>;
  /**
   * Returns the files with stale rows that may concern a wanted person, or with any stale rows of
   * the rewritten objects.
   */
  stale(
    workspace: Workspace,
    files: readonly LiveFile[],
    criteria: { wanted: Wanted; rewritten: ReadonlySet<string> },
  ): Promise<string[]>;
  /**
   * Writes Parquet files with a customer_id as one file without the given customers. Undefined
   * where no file has a row of them.
   */
  without(
    workspace: Workspace,
    files: readonly DataFile[],
    customers: readonly number[],
    key: string,
  ): Promise<DataFile | undefined>;
};

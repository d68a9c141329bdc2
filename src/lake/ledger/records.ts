import type { ObjectReason } from '../../medallion/reasons.ts';

/**
 * A Parquet file that the ledger names, with its digests; old ledgers have no `crc32`.
 */
export type DataFile = {
  key: string;
  size: number;
  sha256: string;
  crc32?: number;
  rows: number;
};

/**
 * Rows of one object by outcome; `read` is their sum, the rows of the object as it arrived (SPEC
 * section 8). `erased`: rows that erasures have removed from the object; absent for none and in
 * older ledgers.
 */
export type RowCounts = {
  read: number;
  accepted: number;
  duplicate: number;
  superseded: number;
  deleted: number;
  quarantined: number;
  erased?: number;
};

/** Rows that erasures removed from a bronze object; `rejected` counts the rejected ones. */
export type ErasedRows = { rows: number; rejected: number };

export type Counts = Record<string, number>;

/**
 * The ledger's record of one bronze object as it was last read. Times are seconds since 1970, dates
 * YYYY-MM-DD.
 */
export type ObjectRecord = {
  key: string;
  size: number;
  etag: string;
  modified: number;
  /** Digest of the decompressed content; null where it could not be decompressed. */
  sha256: string | null;
  ingestion_date: string;
  /** The source's name; null where none matches. */
  source: string | null;
  /** Digest of the rules that it was read with. */
  rules: string;
  rows: RowCounts;
  /**
   * Number of `rows.erased` that had been rejected: they count in the rejected share. Absent for 0.
   */
  erased_rejected?: number;
  reasons: Counts;
  repairs: Counts;
  /** Columns that no field reads. */
  drift: string[];
  silver: string | null;
  quarantine: string | null;
  /** Set where the whole object is quarantined. */
  refused?: { reason: ObjectReason | 'too_many_refused'; message: string };
};

/** The exchange rates in use: `digest` covers the table and the maximum age. */
export type RatesRecord = { digest: string; newest: string; origin: string };

/** Purchases as (source, purchase_id). */
export type SharedPurchases = (readonly [source: string, purchaseId: string])[];

export type GoldRecord = {
  day: string;
  prefix: string;
  files: DataFile[];
  customers: number;
  total: string;
  digest: string;
  /**
   * Purchases whose versions name several customers; undefined where unknown or too many.
   */
  shared?: SharedPurchases;
};

/**
 * The registry of customer keys as of a commit: its files, oldest first, and the next integer to
 * assign. `former`: its files before keys got other integers. They are kept because an integer is
 * never assigned to a second customer, and older gold identifies people by them.
 */
export type KeysRecord = { files: DataFile[]; next: number | null; former?: DataFile[] };

/**
 * One entry of the ledger (SPEC section 9). `previous` is the sha-256 of the previous commit's
 * bytes, null for the first; `lake` is the attempt of the first commit, which identifies the ledger
 * in the serving table.
 */
export type Commit = {
  format: 1;
  /** Version of the rules that read the objects; absent up to rules version 3. */
  rules_version?: number;
  seq: number;
  lake: string;
  attempt: string;
  run_id: string;
  committed_at: string;
  previous: string | null;
  rates: RatesRecord;
  objects: {
    added: ObjectRecord[];
    replaced: ObjectRecord[];
    remade: ObjectRecord[];
    removed: string[];
  };
  /** New silver and quarantine files. */
  files: DataFile[];
  keys: KeysRecord;
  gold: GoldRecord | null;
  /**
   * Set by an erasure: each `file` replaces the gold files `of` of older commits.
   */
  erased?: { of: string[]; file: DataFile }[];
};

/** The state after a commit and all before it. */
export type LakeState = {
  seq: number;
  /** The rules version of the newest commit. */
  rules_version?: number;
  lake: string | null;
  /** sha-256 of the newest commit's bytes. */
  commit: string | null;
  objects: Map<string, ObjectRecord>;
  files: Map<string, DataFile>;
  keys: Commit['keys'];
  rates: RatesRecord | null;
  gold: GoldRecord | null;
};

export const emptyState = (): LakeState => ({
  seq: 0,
  lake: null,
  commit: null,
  objects: new Map(),
  files: new Map(),
  keys: { files: [], next: null },
  rates: null,
  gold: null,
});

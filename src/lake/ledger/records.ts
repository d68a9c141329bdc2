import type { ObjectReason } from '../../medallion/reasons.ts';

/**
 * A Parquet file that the ledger names, with what it takes to notice damage; ledgers of old have no
 * `crc32`.
 */
export type DataFile = {
  key: string;
  size: number;
  sha256: string;
  crc32?: number;
  rows: number;
};

/**
 * Rows of one object by what became of them; `read` is their sum, the object as it arrived (SPEC
 * section 8). `erased`: rows that erasures removed from the object since; absent where there are
 * none, as in older ledgers.
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

/**
 * Rows that erasures removed from a bronze object; `rejected` of them had a reason to be rejected.
 */
export type ErasedRows = { rows: number; rejected: number };

export type Counts = Record<string, number>;

/**
 * What the ledger knows of one bronze object as it was last made. Times are seconds since 1970,
 * dates YYYY-MM-DD.
 */
export type ObjectRecord = {
  key: string;
  size: number;
  etag: string;
  modified: number;
  /** Of the decompressed content; null where it could not be decompressed. */
  sha256: string | null;
  ingestion_date: string;
  /** The source's name; null where none fits. */
  source: string | null;
  /** Digest of the rules that it was made with. */
  rules: string;
  rows: RowCounts;
  /**
   * How many of `rows.erased` had been rejected: they count in the rejected share. Absent for none.
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

/** The rates in use: `digest` covers the table and the age allowed. */
export type RatesRecord = { digest: string; newest: string; origin: string };

/** As (source, purchase_id). */
export type SharedPurchases = (readonly [source: string, purchaseId: string])[];

export type GoldRecord = {
  day: string;
  prefix: string;
  files: DataFile[];
  customers: number;
  total: string;
  digest: string;
  /**
   * Purchases whose versions name several customers; undefined where that is not known, or there
   * are many.
   */
  shared?: SharedPurchases;
};

/**
 * The registry of customer keys as of a commit: every file of it, oldest first, and the next
 * integer to give. `former` are the files that it had before keys got other integers: no integer
 * that it ever gave may become somebody else's, and older gold knows people by them.
 */
export type KeysRecord = { files: DataFile[]; next: number | null; former?: DataFile[] };

/**
 * One entry of the ledger (SPEC section 9). `previous` is the sha-256 of the commit before it, as
 * bytes, null for the first; `lake` is the attempt of the first commit, which names the ledger for
 * the serving table.
 */
export type Commit = {
  format: 1;
  /** Of the code that made the objects; ledgers up to rules version 3 have none. */
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
   * Where somebody was erased: the files that took the place of gold's files of older commits,
   * `of`.
   */
  erased?: { of: string[]; file: DataFile }[];
};

/** What the commits up to one of them say together. */
export type LakeState = {
  seq: number;
  /** The version of the rules by which the newest commit was made. */
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

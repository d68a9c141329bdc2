import type { Source } from '../../medallion/source.ts';
import type {
  DataFile,
  ErasedRows,
  ObjectRecord,
  RowCounts,
  SharedPurchases,
} from '../ledger/records.ts';
import type { Store } from './store.ts';

/** The lake's store and a local scratch folder for one step, which the caller removes. */
export type Workspace = {
  store: Store;
  scratch: string;
  signal: AbortSignal;
  onProgress(done: { rows: number; bytes: number }): void;
};

/** A bronze object to read and its rules; `source` is null where none matches. */
export type ObjectToRead = {
  key: string;
  size: number;
  etag: string;
  modified: number;
  ingestionDate: string;
  source: Source | null;
  rules: string;
  /**
   * Rows that erasures removed from the object, by the sha-256 of the remaining content. The
   * object's record counts the rows of the entry that matches the content read, as `erased`.
   */
  erased?: ErasedContent[];
};

export type ErasedContent = ErasedRows & { sha256: string };

/** Exchange rates as a local file: the canonical CSV `currency,rate_date,rate_aud`. */
export type RatesFile = { path: string; digest: string; maxAgeDays: number };

export type BronzeToSilverInput = {
  objects: ObjectToRead[];
  rates: RatesFile;
  timeZone: string;
  limits: { maxQuarantinedShare: number; maxInflation: number };
};

/**
 * Objects as they were read. Duplicates and superseded versions are not known yet, so `accepted`
 * counts every row that was not rejected.
 */
export type BronzeResult = { objects: ObjectRecord[]; files: DataFile[] };

/**
 * A live object and its rank in the order of arrival: `position` is the number of rows that arrived
 * before its first row.
 */
export type LiveObject = { key: string; silver: string; position: number; rows: number };

/** `colliding`: keys whose integer is also the customer_id of a row. `all`: every key. */
export type Renumber = 'colliding' | 'all';

export type SilverToGoldInput = {
  /** Every live object with silver rows, in order of arrival. */
  live: LiveObject[];
  /** Objects whose row outcomes are counted: those that this run read. */
  counted: string[];
  /** The previous gold and its changes; undefined where all of gold is recomputed. */
  before?: {
    gold: DataFile[];
    /** The digest of that gold. */
    digest: string;
    /** Purchases of the previous gold whose versions name several customers, where known. */
    shared?: SharedPurchases;
    /** Silver rows that became live, and those that are no longer live. */
    arrived: { key: string; silver: string }[];
    departed: { key: string; silver: string }[];
    /** Prefix for the changed rows of gold, if the engine writes them. */
    changesPrefix: string;
  };
  /**
   * The registry of customer keys: its files, the files before any renumbering (`former`), the next
   * integer to assign, and the key of the file for new entries. `erased`: integers of erased
   * people, which no key may get. `renumber`: keys that get another integer; the whole registry is
   * then rewritten.
   */
  keys: {
    files: DataFile[];
    former?: DataFile[];
    erased?: number[];
    next: number;
    file: string;
    renumber?: Renumber;
  };
  goldPrefix: string;
};

/**
 * The rows of gold that a step changed: `former` before it, `fresh` after it. All other rows are
 * unchanged. Both are keys of the gold document.
 */
export type GoldChanges = { former: DataFile; fresh: DataFile };

export type GoldResult = {
  /** The folder that holds exactly these files: `goldPrefix` plus a digest of their bytes. */
  prefix: string;
  files: DataFile[];
  customers: number;
  total: string;
  digest: string;
  fates: Record<string, Omit<RowCounts, 'read' | 'quarantined' | 'erased'>>;
  /**
   * `replaced`: `file` replaces all files of the registry, or null where no key is left.
   */
  keys: { file: DataFile | null; next: number; replaced?: true };
  /**
   * Purchases whose versions name several customers; undefined where that was not computed or there
   * are too many.
   */
  shared?: SharedPurchases;
  /** Set where the engine computed gold from the previous gold and knows what changed. */
  changes?: GoldChanges;
};

/** Runs the rules, which are written once as SQL. One adapter per engine. */
export type Engine = {
  /** Name and version; part of the digest in the names of silver files. */
  readonly name: string;
  /** Reads bronze objects and writes their silver and quarantine files. Errors: `BronzeChanged`. */
  bronzeToSilver(workspace: Workspace, task: BronzeToSilverInput): Promise<BronzeResult>;
  /** Returns the objects in `files` whose recorded rates differ from `rates`. */
  objectsWithStaleRates(
    workspace: Workspace,
    files: { silver: string[]; quarantine: string[] },
    rates: RatesFile,
  ): Promise<string[]>;
  /** Writes gold. Errors: `TotalOutOfRange`, `CustomerIdsCollide`, `CustomerIdsExhausted`. */
  silverToGold(workspace: Workspace, task: SilverToGoldInput): Promise<GoldResult>;
  /**
   * Writes the load file from one version of gold to another (`before` null: all of gold). Returns
   * its path and number of rows.
   */
  goldToStaging(
    workspace: Workspace,
    before: DataFile[] | null,
    after: DataFile[],
  ): Promise<{ path: string; rows: number }>;
  close(): Promise<void>;
};

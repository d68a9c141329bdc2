import type { Source } from '../../medallion/source.ts';
import type {
  DataFile,
  ErasedRows,
  ObjectRecord,
  RowCounts,
  SharedPurchases,
} from '../ledger/records.ts';
import type { Store } from './store.ts';

/**
 * Where an engine works: the lake, and a local folder of its own for this step that the caller
 * removes.
 */
export type Workspace = {
  store: Store;
  scratch: string;
  signal: AbortSignal;
  onProgress(done: { rows: number; bytes: number }): void;
};

/** A bronze object to be read, with the rules for it; `source` is null where none fits. */
export type ObjectToRead = {
  key: string;
  size: number;
  etag: string;
  modified: number;
  ingestionDate: string;
  source: Source | null;
  rules: string;
  /**
   * What erasures removed from the object, by the sha-256 of the content that they left: its record
   * counts the rows of the entry that fits what is read, as `erased`.
   */
  erased?: ErasedContent[];
};

export type ErasedContent = ErasedRows & { sha256: string };

/** Rates as a local file: the canonical CSV `currency,rate_date,rate_aud`. */
export type RatesFile = { path: string; digest: string; maxAgeDays: number };

export type BronzeToSilverInput = {
  objects: ObjectToRead[];
  rates: RatesFile;
  timeZone: string;
  limits: { maxQuarantinedShare: number; maxInflation: number };
};

/**
 * An object as it was read: what became of its rows among each other is not known yet, so
 * `accepted` counts all that were not refused.
 */
export type BronzeResult = { objects: ObjectRecord[]; files: DataFile[] };

/**
 * A live object's place in the order of arrival: `position` is the number of rows that arrived
 * before its first.
 */
export type LiveObject = { key: string; silver: string; position: number; rows: number };

/** Keys whose integer is a customer_id of some row as well, or all of them. */
export type Renumber = 'colliding' | 'all';

export type SilverToGoldInput = {
  /** Every live object with silver rows, in order of arrival. */
  live: LiveObject[];
  /** Objects whose fates are to be counted: those that this run made. */
  counted: string[];
  /** What makes the rest reusable; undefined: everything is computed afresh. */
  before?: {
    gold: DataFile[];
    /** The digest of that gold. */
    digest: string;
    /**
     * Purchases whose versions name several customers, as far as that is known of the lake before.
     */
    shared?: SharedPurchases;
    /** Silver rows that are live now and were not, and those that were live and are no more. */
    arrived: { key: string; silver: string }[];
    departed: { key: string; silver: string }[];
    /** Where the rows go that change, if the engine keeps them. */
    changesPrefix: string;
  };
  /**
   * The registry as it is, its files of before any renumbering, the next integer to give and where
   * new keys go. `erased`: integers of people who were erased, which no key may get. `renumber`:
   * which keys get another integer; the registry is then written once more, whole.
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
 * The rows of gold that a step touched, as they were before it and as they are: all others are the
 * same.
 */
export type GoldChanges = { former: DataFile; fresh: DataFile };

export type GoldResult = {
  /**
   * The folder that holds the files and nothing else: `goldPrefix`, and what tells their bytes from
   * others.
   */
  prefix: string;
  files: DataFile[];
  customers: number;
  total: string;
  digest: string;
  fates: Record<string, Omit<RowCounts, 'read' | 'quarantined' | 'erased'>>;
  /**
   * `replaced`: the file takes the place of all files of the registry, and null says that no key is
   * left.
   */
  keys: { file: DataFile | null; next: number; replaced?: true };
  /**
   * Purchases whose versions name several customers; undefined where it was not looked, or there
   * are many.
   */
  shared?: SharedPurchases;
  /** Where gold was made on top of the gold before, by an engine that knows what it touched. */
  changes?: GoldChanges;
};

/** Runs the rules, which are written once as SQL. One adapter an engine. */
export type Engine = {
  /** Name and version: part of what silver's names are derived from. */
  readonly name: string;
  /** Reads bronze objects and writes their silver and quarantine files. Errors: `BronzeChanged`. */
  bronzeToSilver(workspace: Workspace, task: BronzeToSilverInput): Promise<BronzeResult>;
  /** Objects among `files` whose recorded rates are not those of `rates`. */
  objectsWithStaleRates(
    workspace: Workspace,
    files: { silver: string[]; quarantine: string[] },
    rates: RatesFile,
  ): Promise<string[]>;
  /** Writes gold. Errors: `TotalOutOfRange`, `CustomerIdsCollide`, `CustomerIdsExhausted`. */
  silverToGold(workspace: Workspace, task: SilverToGoldInput): Promise<GoldResult>;
  /**
   * Writes the load file between two versions of gold (`before` null: all of it) and answers its
   * path and number of rows.
   */
  goldToStaging(
    workspace: Workspace,
    before: DataFile[] | null,
    after: DataFile[],
  ): Promise<{ path: string; rows: number }>;
  close(): Promise<void>;
};

/** Prefixes of the lake (SPEC section 2). Keys are relative to its root. */
export const BRONZE = 'bronze/';
/** Files of purchase versions, by ingestion date. */
export const SILVER = 'silver/';
export const QUARANTINE = 'quarantine/';
export const GOLD = 'gold/';
/** Commits, checkpoints, customer keys and records of erasures. */
export const LEDGER = '_ledger/';
export const COMMITS = `${LEDGER}commits/`;
export const CHECKPOINTS = `${LEDGER}checkpoints/`;
/** The integer of each customer key; it is recorded nowhere else. */
export const CUSTOMER_KEYS = `${LEDGER}customer-keys/`;
export const RUNS = '_runs/';
/**
 * Tombstones of erased people (keyed hashes) and the rows removed from bronze objects. Below: the
 * hash key, and the record of each erasure.
 */
export const ERASURES = `${LEDGER}erasures/`;
export const ERASURE_KEY = `${LEDGER}erasure.key`;
export const CERTIFICATES = `${LEDGER}certificates/`;
/** File lists for the tables of other tools. */
export const CATALOG = '_catalog/';
/** Inputs other than bronze: exchange rates. */
export const REFERENCE = 'reference/';
export const FX = `${REFERENCE}fx/`;
export const REFERENCE_RATES = `${FX}rates.csv`;

const NOTE = '.rows';
/**
 * Key of the rows removed from one bronze object; `digest` is the sha-256 of its key below bronze/.
 */
export const erasedRowsKey = (digest: string): string => `${ERASURES}${digest}${NOTE}`;
export const isErasedRowsKey = (key: string): boolean => key.endsWith(NOTE);

/** Numbers are padded so that the byte order of keys is the order of numbers. */
const SEQ_DIGITS = 12;
const padded = (seq: number): string => String(seq).padStart(SEQ_DIGITS, '0');

export const commitKey = (seq: number): string => `${COMMITS}${padded(seq)}.json`;
export const checkpointKey = (seq: number): string => `${CHECKPOINTS}${padded(seq)}.json`;
export const seqOfKey = (key: string): number =>
  Number(key.slice(key.lastIndexOf('/') + 1, -'.json'.length));

/**
 * `digest` covers all inputs of the rows. The final name also covers the bytes: `namedByContent`.
 */
export const silverKey = (day: string, digest: string): string =>
  `${SILVER}ingestion_date=${day}/${digest}.parquet`;
export const quarantineKey = (day: string, digest: string): string =>
  `${QUARANTINE}ingestion_date=${day}/${digest}.parquet`;
export const customerKeysKey = (seq: number, attempt: string): string =>
  `${CUSTOMER_KEYS}${padded(seq)}-${attempt}.parquet`;

const CONTENT_DIGITS = 16;

/**
 * Returns the final key of a data file: part of the sha-256 of its bytes before the extension.
 * Files with different bytes never get the same name, also from different engines.
 * `glue/purchases_spark/storage.py` names the files of jobs by the same rule.
 */
export const namedByContent = (key: string, sha256: string): string =>
  key.replace(/(?=\.parquet$)/, `-${sha256.slice(0, CONTENT_DIGITS)}`);

/**
 * Returns the folder of one version of gold. Readers use all files in it, so its name covers the
 * bytes of all of them.
 */
export const goldFolder = (prefix: string, sha256: string): string =>
  prefix.replace(/\/$/, `-${sha256.slice(0, CONTENT_DIGITS)}/`);

/** Returns the folder of one file list of the catalog as of a commit. */
export const catalogPrefix = (list: string, seq: number, commit: string): string =>
  `${CATALOG}${list}/version=${padded(seq)}-${commit.slice(0, 12)}/`;

export function goldPrefix(day: string, seq: number, attempt: string): string {
  const [year, month, date] = day.split('-');
  return `${GOLD}year=${year}/month=${month}/day=${date}/version=${seq}-${attempt}/`;
}

/**
 * Returns the prefix of the rows that a run changed in gold, before and after; removed when the run
 * ends.
 */
export const changesPrefix = (runId: string): string => `${RUNS}${runId}/changed-gold/`;

export const runKey = (runId: string, name: string): string => `${RUNS}${runId}/${name}.json`;

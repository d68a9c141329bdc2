/** Where everything lies in the lake (SPEC section 2). Keys are relative to its root. */
export const BRONZE = 'bronze/';
/** Files of purchase versions lie below it, by ingestion date. */
export const SILVER = 'silver/';
export const QUARANTINE = 'quarantine/';
export const LEDGER = '_ledger/';
export const COMMITS = '_ledger/commits/';
export const CHECKPOINTS = '_ledger/checkpoints/';
/** Which integer each customer key was given: no other file tells. */
export const CUSTOMER_KEYS = '_ledger/customer-keys/';
export const RUNS = '_runs/';
/**
 * Who was erased, as keyed hashes, and what was removed from which bronze object; the key; what
 * each erasure rewrote.
 */
export const ERASURES = '_ledger/erasures/';
export const ERASURE_KEY = '_ledger/erasure.key';
export const CERTIFICATES = '_ledger/certificates/';
/** Lists that other tools' tables are made of. */
export const CATALOG = '_catalog/';
export const REFERENCE_RATES = 'reference/fx/rates.csv';

const NOTE = '.rows';
/**
 * What erasures removed from one bronze object; `digest` is the sha-256 of its key below bronze/.
 */
export const erasedRowsKey = (digest: string): string => `${ERASURES}${digest}${NOTE}`;
export const isErasedRowsKey = (key: string): boolean => key.endsWith(NOTE);

/** Wide enough that the byte order of keys is the order of numbers. */
const SEQ_DIGITS = 12;
const padded = (seq: number): string => String(seq).padStart(SEQ_DIGITS, '0');

export const commitKey = (seq: number): string => `${COMMITS}${padded(seq)}.json`;
export const checkpointKey = (seq: number): string => `${CHECKPOINTS}${padded(seq)}.json`;
export const seqOfKey = (key: string): number =>
  Number(key.slice(key.lastIndexOf('/') + 1, -'.json'.length));

/**
 * `digest` is of all that makes the rows. The final name covers the bytes as well:
 * `namedByContent`.
 */
export const silverKey = (day: string, digest: string): string =>
  `${SILVER}ingestion_date=${day}/${digest}.parquet`;
export const quarantineKey = (day: string, digest: string): string =>
  `${QUARANTINE}ingestion_date=${day}/${digest}.parquet`;
export const customerKeysKey = (seq: number, attempt: string): string =>
  `${CUSTOMER_KEYS}${padded(seq)}-${attempt}.parquet`;

const CONTENT_DIGITS = 16;

/**
 * The final key of a file that a commit may name: part of the sha-256 of its bytes comes before the
 * ending. Two writers never give one name to different bytes, whatever their engines put into them.
 * `glue/purchases_spark/storage.py` names the files of jobs by the same rule.
 */
export const namedByContent = (key: string, sha256: string): string =>
  key.replace(/(?=\.parquet$)/, `-${sha256.slice(0, CONTENT_DIGITS)}`);

/**
 * The folder of gold of several files: readers take all that lies there, so its name covers all of
 * their bytes.
 */
export const goldFolder = (prefix: string, sha256: string): string =>
  prefix.replace(/\/$/, `-${sha256.slice(0, CONTENT_DIGITS)}/`);

/** The folder of one list of the catalog as of a commit. */
export const catalogPrefix = (list: string, seq: number, commit: string): string =>
  `${CATALOG}${list}/version=${padded(seq)}-${commit.slice(0, 12)}/`;

export function goldPrefix(day: string, seq: number, attempt: string): string {
  const [year, month, date] = day.split('-');
  return `gold/year=${year}/month=${month}/day=${date}/version=${seq}-${attempt}/`;
}

/**
 * Where a run keeps, until it ends, the rows that it changed in gold: as they were, and as they
 * are.
 */
export const changesPrefix = (runId: string): string => `${RUNS}${runId}/changed-gold/`;

export const runKey = (runId: string, name: string): string => `${RUNS}${runId}/${name}.json`;

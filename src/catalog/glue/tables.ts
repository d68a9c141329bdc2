import { CUSTOMER_KEYS, QUARANTINE, SILVER } from '../../lake/layout.ts';
import {
  type Column,
  GOLD_COLUMNS,
  QUARANTINE_COLUMNS,
  SILVER_COLUMNS,
} from '../../medallion/layers.ts';

type Format = 'parquet' | 'json';

/**
 * A table of the Glue Data Catalog over files of the lake. `folder` is the location of a table that
 * never moves; a table without one is switched to a commit as a whole (`objects`, `key_files`,
 * `gold`) or by partition (`gold_history`).
 */
export type LakeTable = {
  name: string;
  about: string;
  columns: readonly Column[];
  partitions: readonly Column[];
  format: Format;
  folder?: string;
};

/**
 * The columns of a bronze object for readers, named as in the ledger. Reasons and repairs are JSON.
 */
const OBJECT_COLUMNS = [
  ['object_key', 'string'],
  ['source', 'string'],
  ['ingestion_date', 'date'],
  ['modified_at', 'string'],
  ['bytes', 'bigint'],
  ['sha256', 'string'],
  ['rows_read', 'bigint'],
  ['accepted', 'bigint'],
  ['duplicate', 'bigint'],
  ['superseded', 'bigint'],
  ['deleted', 'bigint'],
  ['quarantined', 'bigint'],
  ['erased', 'bigint'],
  ['refused', 'string'],
  ['message', 'string'],
  ['reasons', 'string'],
  ['repairs', 'string'],
  ['silver_file', 'string'],
  ['quarantine_file', 'string'],
] as const satisfies readonly Column[];

const BY_DAY: readonly Column[] = [['ingestion_date', 'date']];

export const TABLES = {
  silver: {
    name: 'silver_files',
    about: 'Every silver file, live or not: read the view silver',
    columns: SILVER_COLUMNS,
    partitions: BY_DAY,
    format: 'parquet',
    folder: SILVER,
  },
  quarantine: {
    name: 'quarantine_files',
    about: 'Every quarantine file, live or not: read the view quarantine',
    columns: QUARANTINE_COLUMNS,
    partitions: BY_DAY,
    format: 'parquet',
    folder: QUARANTINE,
  },
  keys: {
    name: 'customer_key_files',
    about: 'Every file of the registry of customer keys: read the view customer_keys',
    columns: [
      ['customer_key', 'string'],
      ['customer_id', 'bigint'],
    ],
    partitions: [],
    format: 'parquet',
    folder: CUSTOMER_KEYS,
  },
  keyFiles: {
    name: 'key_files',
    about: 'The files of the registry as of the newest commit',
    columns: [['file', 'string']],
    partitions: [],
    format: 'json',
  },
  objects: {
    name: 'objects',
    about: 'The bronze objects of the newest commit, with their counts and files',
    columns: OBJECT_COLUMNS,
    partitions: [],
    format: 'json',
  },
  gold: {
    name: 'gold',
    about: 'One row a customer, as of the newest commit',
    columns: GOLD_COLUMNS,
    partitions: [],
    format: 'parquet',
  },
  goldHistory: {
    name: 'gold_history',
    about: 'Gold as each day left it',
    columns: GOLD_COLUMNS,
    partitions: [
      ['year', 'string'],
      ['month', 'string'],
      ['day', 'string'],
    ],
    format: 'parquet',
  },
} as const satisfies Record<string, LakeTable>;

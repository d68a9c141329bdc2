import type { Source } from '../../src/medallion/source.ts';

/**
 * One bronze object: its key below `bronze/`, when it was last modified (epoch seconds), its bytes
 * as stored.
 */
export type OracleObject = { key: string; modified: number; bytes: Uint8Array };

/** AUD per unit of the currency, as text with 12 decimals. */
export type OracleRate = { currency: string; rate_date: string; rate: string };

export type OracleInput = {
  objects: OracleObject[];
  sources: Source[];
  timeZone: string;
  rates: OracleRate[];
  maxAgeDays: number;
  maxQuarantinedShare: number;
  maxInflation: number;
  firstCustomerId: number;
  registry: Map<string, number>;
  /** Integers that keys had before they were renumbered. */
  retiredIds?: number[];
  /** The customer_id of people who were erased. */
  erased?: number[];
};

/** The reasons in the order in which a row lists them. */
export const REASONS = [
  'row_malformed',
  'purchase_id_missing',
  'customer_id_missing',
  'customer_id_invalid',
  'customer_key_missing',
  'customer_key_invalid',
  'purchase_date_missing',
  'purchase_date_invalid',
  'purchase_date_out_of_range',
  'amount_missing',
  'amount_invalid',
  'amount_out_of_range',
  'currency_missing',
  'currency_invalid',
  'fx_rate_missing',
  'updated_at_invalid',
  'too_many_refused',
] as const;

export type Reason = (typeof REASONS)[number];
export type ObjectReason = 'no_source' | 'file_unreadable' | 'schema_mismatch' | 'too_many_refused';
export type Outcome = 'accepted' | 'duplicate' | 'superseded' | 'deleted';

export type RowCounts = Record<Outcome | 'read' | 'quarantined', number>;

export type ObjectReport = {
  status: 'read' | 'quarantined' | 'ignored';
  reason?: ObjectReason;
  rows: RowCounts;
  reasons: Record<string, number>;
  repairs: Record<string, number>;
};

/**
 * The cleaned fields of a purchase version, as text: two versions with the same fields are a
 * `duplicate`.
 */
export type CleanFields = {
  purchase_id: string;
  customer_id: string | null;
  customer_key: string | null;
  first_name: string | null;
  last_name: string | null;
  full_name: string | null;
  email: string | null;
  purchase_date: string | null;
  amount: string | null;
  currency: string | null;
  /** A number with 9 decimals, or an instant in UTC with 6 decimals of a second and a `Z`. */
  updated_at: string | null;
  deletes: boolean;
};

export type OracleVersion = CleanFields & {
  key: string;
  row_number: number;
  source: string;
  /** Null for AUD's date, which has no published row. */
  rate: string | null;
  rate_date: string | null;
  amount_aud: string | null;
  ingestion_date: string;
  lines: number;
  outcome: Outcome;
};

export type OracleGoldRow = {
  customer_id: string;
  full_name: string | null;
  email: string | null;
  total_spent_aud: string;
  first_purchase_date: string | null;
  last_purchase_date: string | null;
  purchase_count: string;
};

export type OracleOutput = {
  gold: OracleGoldRow[];
  objects: Map<string, ObjectReport>;
  quarantine: { key: string; row_number: number; reasons: string[] }[];
  versions: OracleVersion[];
  registry: Map<string, number>;
  /**
   * Integers of the registry that are also a version's own customer_id: such a lake has no defined
   * meaning.
   */
  collisions: number[];
};

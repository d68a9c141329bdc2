import type { HistoryRow } from '../../medallion/gold/explain.ts';
import type { LakeState } from '../ledger/records.ts';

/**
 * One version of a purchase and its location. For a purchase of several lines the row is the first
 * of `lines`.
 */
export type Version = {
  customer_id: number | null;
  purchase_date: string | null;
  amount: string | null;
  currency: string | null;
  rate: string | null;
  rate_date: string | null;
  amount_aud: string | null;
  /** A number, or an instant in UTC; null where it is not mapped or blank. */
  updated_at: string | null;
  object_key: string;
  row_number: number;
  lines: number;
  ingestion_date: string;
  /** The object's last-modified time. */
  modified_at: string;
};

export function versionOf({ objects }: LakeState, row: HistoryRow): Version {
  const { object_key, purchase_date, amount, currency, rate, rate_date, amount_aud } = row;
  const object = objects.get(object_key ?? '');
  if (object === undefined) throw new Error(`${object_key} is not live`);
  return {
    customer_id: row.customer_id === null ? null : Number(row.customer_id),
    purchase_date,
    amount,
    currency,
    rate,
    rate_date,
    amount_aud,
    updated_at: row.updated_micros === null ? row.updated_number : instant(row.updated_micros),
    object_key: object.key,
    row_number: Number(row.row_number),
    lines: Number(row.lines),
    ingestion_date: object.ingestion_date,
    modified_at: new Date(object.modified * 1000).toISOString().replace('.000Z', 'Z'),
  };
}

/** Formats `2026-01-31T09:30:00.000001Z`, without a fraction of zero. */
function instant(micros: string): string {
  const value = BigInt(micros);
  const seconds = (value - (((value % MILLION) + MILLION) % MILLION)) / MILLION;
  const fraction = String(value - seconds * MILLION).padStart(6, '0');
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}${fraction === '000000' ? '' : `.${fraction}`}Z`;
}

const MILLION = 1_000_000n;

/**
 * Returns why a version was superseded: the first part of the order in which it differs from the
 * winner (SPEC section 6).
 */
export function whySuperseded(winner: Version, version: Version): string {
  if (version.updated_at !== winner.updated_at) return olderUpdate(winner, version);
  if (version.ingestion_date !== winner.ingestion_date)
    return `arrived ${version.ingestion_date}, before ${winner.ingestion_date}`;
  if (version.modified_at !== winner.modified_at)
    return `its file is of ${version.modified_at}, before ${winner.modified_at}`;
  if (version.object_key !== winner.object_key)
    return `arrived together; its key ${version.object_key} sorts before ${winner.object_key}`;
  return `row ${version.row_number} comes before row ${winner.row_number} of the same object`;
}

function olderUpdate(winner: Version, version: Version): string {
  const wins = plain(winner.updated_at ?? '');
  if (version.updated_at === null) return `has no updated_at, the winner has ${wins}`;
  const loses = plain(version.updated_at);
  return loses.endsWith('Z') === wins.endsWith('Z')
    ? `updated_at ${loses} is older than ${wins}`
    : `updated_at ${loses} is a number, which comes before the instant ${wins}`;
}

/** Removes the trailing zeros of a number's nine places. */
const plain = (updatedAt: string): string => updatedAt.replace(/\.?0+$/, '');

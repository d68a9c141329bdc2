import type { VersionOrder } from '../ports/person-search.ts';

/**
 * True where the first version ranks below the other or is the same: by `updated_at`, then by
 * arrival (SPEC section 6).
 */
export function isOlder(one: VersionOrder, other: VersionOrder): boolean {
  const [left, right] = [parts(one), parts(other)];
  const at = left.findIndex((part, index) => part !== right[index]);
  if (at < 0) return true;
  const [a, b] = [left[at] ?? 0n, right[at] ?? 0n];
  if (typeof a === 'string' && typeof b === 'string')
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  return a < b;
}

/** The parts in order of comparison. Blank sorts before numbers, numbers before instants. */
function parts(order: VersionOrder): (bigint | string)[] {
  const { updated_number, updated_micros, ingestion_date, modified, key, row } = order;
  const updated =
    updated_micros === null
      ? updated_number === null
        ? [0n, 0n]
        : [1n, billionths(updated_number)]
      : [2n, BigInt(updated_micros)];
  return [...updated, ingestion_date, BigInt(modified), key, BigInt(row)];
}

/** Converts a decimal text of up to nine places to billionths. */
function billionths(text: string): bigint {
  const [whole = '0', rest = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole) * 10n ** 9n + BigInt(rest.padEnd(9, '0').slice(0, 9));
  return text.startsWith('-') ? -value : value;
}

import type { ObjectRecord } from '../ledger/records.ts';

const SEGMENTS = [
  /(?<![0-9])(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})(?![0-9])/,
  /(?:^|\/)(?<year>[0-9]{4})\/(?<month>[0-9]{2})\/(?<day>[0-9]{2})(?=\/|$)/,
  /(?:^|\/)year=(?<year>[0-9]{4})\/month=(?<month>[0-9]{1,2})\/day=(?<day>[0-9]{1,2})(?=\/|$)/,
];

/**
 * Returns the first valid date in an object's key: `.../2026/01/31/...`, `...2026-01-31...` or
 * `year=2026/month=01/day=31`, as YYYY-MM-DD; undefined where it has none (SPEC section 6).
 */
export function dateInKey(key: string): string | undefined {
  let first: { at: number; date: string } | undefined;
  for (const pattern of SEGMENTS)
    for (const match of key.matchAll(new RegExp(pattern, 'g'))) {
      const date = realDate(match.groups ?? {});
      if (date !== undefined && (first === undefined || match.index < first.at))
        first = { at: match.index, date };
    }
  return first?.date;
}

function realDate({ year = '', month = '', day = '' }: Record<string, string>): string | undefined {
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return year !== '0000' && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date)
    ? date
    : undefined;
}

/**
 * Compares two objects by arrival: ingestion date, last-modified time, key as UTF-8 bytes (SPEC
 * section 6).
 */
export function byArrival(
  a: Pick<ObjectRecord, 'ingestion_date' | 'modified' | 'key'>,
  b: typeof a,
): number {
  if (a.ingestion_date !== b.ingestion_date) return a.ingestion_date < b.ingestion_date ? -1 : 1;
  if (a.modified !== b.modified) return a.modified - b.modified;
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

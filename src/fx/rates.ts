import { createHash } from 'node:crypto';

/** The places of DECIMAL(18,12), in which every engine holds a rate. */
export const RATE_PLACES = 12;

/** Currency -> day (YYYY-MM-DD) -> AUD for one unit, in units of 10^-12. */
export type DatedRates = Map<string, Map<string, bigint>>;

/**
 * One exact, dated rate table. `csv()` is its canonical text: the header
 * `currency,rate_date,rate_aud`, rows sorted by currency, then date, LF, twelve decimals. `digest`
 * is the sha-256 of that text in hex, independent of the published shape. `newest` and `oldest` are
 * days (YYYY-MM-DD). AUD has no rows: its rate is 1 by rule.
 */
export type Rates = { digest: string; newest: string; oldest: string; rows: number; csv(): string };

/** Builds the table; it needs at least one rate. */
export function makeRates(rates: DatedRates): Rates {
  const lines: string[] = [];
  let newest = '';
  let oldest = '9999-12-31';
  for (const currency of [...rates.keys()].toSorted()) {
    const days = [...(rates.get(currency) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [day, rate] of days) {
      lines.push(`${currency},${day},${formatRate(rate)}`);
      if (day > newest) newest = day;
      if (day < oldest) oldest = day;
    }
  }
  const text = `currency,rate_date,rate_aud\n${lines.join('\n')}\n`;
  const digest = createHash('sha256').update(text).digest('hex');
  return { digest, newest, oldest, rows: lines.length, csv: () => text };
}

/**
 * Whole days from one ISO day to another, to report a table that has grown old; negative if
 * `newest` is in the future.
 */
export function ageInDays(newest: string, today: string): number {
  return Math.round((Date.parse(today) - Date.parse(newest)) / 86_400_000);
}

function formatRate(rate: bigint): string {
  const digits = rate.toString().padStart(RATE_PLACES + 1, '0');
  return `${digits.slice(0, -RATE_PLACES)}.${digits.slice(-RATE_PLACES)}`;
}

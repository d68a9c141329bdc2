import { RatesInvalid, RemoteFailed } from '../../errors.ts';
import { parseRates } from '../../fx/parse-rates.ts';
import { ageInDays } from '../../fx/rates.ts';
import { REFERENCE_RATES } from '../../lake/layout.ts';
import type { Store } from '../../lake/ports/store.ts';
import { ratesText } from '../../lake/run/rates.ts';
import { unzipFirst } from '../runtime/unzip.ts';

/**
 * The European Central Bank's whole history of reference rates, published each working day at about
 * 16:00 CET.
 */
export const ECB_RATES = 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip';
const TIMEOUT_MS = 60_000;

/**
 * Fetches a table of rates (CSV; plain, gzip or zip) and puts it into the lake if it has new rates.
 * A damaged or older table is never written. Errors: `RemoteFailed`, `RatesInvalid`.
 */
export async function fetchRates(
  store: Store,
  url: string,
  today: string,
): Promise<{ newest: string; ageDays: number; changed: boolean }> {
  const bytes = await download(url);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const rates = parseRates(ratesText(isZip ? unzipFirst(bytes, url) : bytes, url), url);
  const result = { newest: rates.newest, ageDays: ageInDays(rates.newest, today) };
  const known = await store.read(REFERENCE_RATES);
  if (known !== undefined) {
    const before = parseRates(ratesText(known, REFERENCE_RATES), REFERENCE_RATES);
    if (before.digest === rates.digest) return { ...result, changed: false };
    if (rates.newest < before.newest || rates.oldest > before.oldest)
      throw new RatesInvalid(
        `The rates at ${url} go from ${rates.oldest} to ${rates.newest}, the lake's from ${before.oldest} to ${before.newest}.`,
        {
          hint: 'Nothing was changed: a table with fewer days is not imported. If it is right, run purchases fx import FILE.',
        },
      );
  }
  await store.put(REFERENCE_RATES, Buffer.from(rates.csv()));
  return { ...result, changed: true };
}

async function download(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`the server returned ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (cause) {
    throw new RemoteFailed(
      `The rates at ${url} cannot be fetched: ${cause instanceof Error ? cause.message : ''}`,
      {
        hint: 'The rates of the lake are unchanged; the next day tries again.',
        cause,
      },
    );
  }
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { RatesInvalid } from '../../errors.ts';
import { parseRates } from '../../fx/parse-rates.ts';
import { REFERENCE_RATES } from '../layout.ts';
import type { RatesFile } from '../ports/engine.ts';
import type { Store } from '../ports/store.ts';
import type { RatesRecord } from '../ledger/records.ts';
import { ratesDigest } from '../settings.ts';

/**
 * Sources of exchange rates. `packaged`: the folder of the package's own table, `rates.csv.gz` and
 * `rates.json`.
 */
export type RatesPlaces = {
  /** The location in `fx.rates`: a local file, a key of the lake, or an object elsewhere. */
  configured?:
    | { kind: 'file'; path: string }
    | { kind: 'lake'; key: string }
    | { kind: 'object'; name: string; read(): Promise<Uint8Array | undefined> };
  packaged: string;
  maxAgeDays: number;
};

/** The rates in use; `file` writes them as a local file for an engine. */
export type RatesInUse = { record: RatesRecord; file(scratch: string): Promise<RatesFile> };

/**
 * Returns the rates in use (SPEC section 5): those in `fx.rates`, else those imported into the
 * lake, else the package's. Errors: `RatesInvalid`, naming the rows.
 */
export async function ratesInUse(store: Store, places: RatesPlaces): Promise<RatesInUse> {
  const { configured, maxAgeDays } = places;
  if (configured?.kind === 'file')
    return parsed(await configuredFile(configured.path), configured.path, maxAgeDays);
  if (configured?.kind === 'object') {
    const bytes = await configured.read();
    if (bytes === undefined) throw ratesMissing(configured.name);
    return parsed(bytes, configured.name, maxAgeDays);
  }
  const key = configured?.key ?? REFERENCE_RATES;
  const bytes = await store.read(key);
  if (bytes !== undefined) return parsed(bytes, key, maxAgeDays);
  if (configured !== undefined) throw ratesMissing(`${key} in ${store.name}`);
  return packaged(places.packaged, maxAgeDays);
}

async function configuredFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw ratesMissing(path, cause);
  }
}

const ratesMissing = (where: string, cause?: unknown): RatesInvalid =>
  new RatesInvalid(`The rates in \`fx.rates\` do not exist: ${where}.`, {
    hint: 'Fix `fx.rates`, or leave it out to use the rates of the lake or of the package.',
    cause,
  });

function parsed(bytes: Uint8Array, name: string, maxAgeDays: number): RatesInUse {
  const text = ratesText(bytes, name);
  const rates = parseRates(text, name);
  const digest = ratesDigest(rates.digest, maxAgeDays);
  return {
    record: { digest, newest: rates.newest, origin: name },
    async file(scratch) {
      const path = join(scratch, 'rates.csv');
      await writeFile(path, rates.csv());
      return { path, digest, maxAgeDays };
    },
  };
}

/** Decodes a rates file, plain or gzip. Errors: \`RatesInvalid\`. */
export function ratesText(bytes: Uint8Array, name: string): string {
  try {
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (cause) {
    throw new RatesInvalid(`The rates in ${name} cannot be read as text.`, {
      hint: 'They must be CSV in UTF-8, plain or gzip.',
      cause,
    });
  }
}

/**
 * The package's own table was checked when it was built, so its digest is read from `rates.json`.
 */
async function packaged(folder: string, maxAgeDays: number): Promise<RatesInUse> {
  const metadata = JSON.parse(await readFile(join(folder, 'rates.json'), 'utf8')) as {
    digest: string;
    newest: string;
    source: string;
  };
  const digest = ratesDigest(metadata.digest, maxAgeDays);
  return {
    record: { digest, newest: metadata.newest, origin: metadata.source },
    file: async () => ({ path: join(folder, 'rates.csv.gz'), digest, maxAgeDays }),
  };
}

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Config } from '../../config/config.ts';
import { UsageError } from '../../errors.ts';
import { parseRates } from '../../fx/parse-rates.ts';
import { REFERENCE_RATES } from '../../lake/layout.ts';
import { ratesText } from '../../lake/run/rates.ts';
import type { Io } from '../terminal/io.ts';
import { openStore } from '../wiring/wiring.ts';

/**
 * Checks a table of rates and stores it in the lake in canonical form. Errors: `RatesInvalid`,
 * naming the rows.
 */
export async function importRates(
  io: Io,
  config: Config,
  file: string,
): Promise<{ key: string; rows: number; oldest: string; newest: string; digest: string }> {
  const bytes = await readFile(resolve(io.cwd, file)).catch((cause: unknown) => {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    throw new UsageError(`The file ${file} cannot be read${why}.`, {
      hint: 'Give the path of a CSV file of rates.',
      cause,
    });
  });
  const { rows, oldest, newest, digest, csv } = parseRates(ratesText(bytes, file), file);
  const store = await openStore(config);
  const content = Buffer.from(csv());
  const held = await store.read(REFERENCE_RATES);
  // Importing the same rates again leaves the object and its modification time unchanged.
  if (held === undefined || !content.equals(held)) await store.put(REFERENCE_RATES, content);
  return { key: REFERENCE_RATES, rows, oldest, newest, digest };
}

import { link, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance, BIGINT, listValue } from '@duckdb/node-api';
import { copyTo } from '../src/engines/duckdb/files.ts';
import {
  FIRST_NAMES,
  GENERATE_FILE,
  LAST_NAMES,
} from '../src/engines/duckdb/generate/generate-sql.ts';
import { defaultCustomers, generatePurchases } from '../src/engines/duckdb/generate/generate.ts';
import { plainPaths } from '../src/lake/files/plain-paths.ts';
import { parseRates } from '../src/fx/parse-rates.ts';

const SEED = 1;
const ROOT = join(tmpdir(), 'purchases-bench-input');

/** File paths below `folder`, in order of arrival. */
export type Input = { folder: string; files: string[]; rows: number; bytes: number };

/** Generated purchases, cached: `npm run bench` generates each set once. */
export async function input(rows: number, files = 10): Promise<Input> {
  const folder = join(ROOT, `${rows}-rows-${files}-files`);
  const finished = join(folder, 'finished');
  if ((await stat(finished).catch(() => undefined)) === undefined) {
    await rm(folder, { recursive: true, force: true });
    const customers = defaultCustomers(rows);
    await generatePurchases({ rows, files, customers, seed: SEED, out: folder });
    await writeFile(finished, '');
  }
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    name.endsWith('.csv'),
  );
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { folder, files: names.toSorted(), rows, bytes };
}

/**
 * One more file of `added` rows for a set, dated one day after its last file. Its rows are those
 * with which a larger set would continue, so some repeat or correct earlier ones. `place` 2 is the
 * file after that, with other rows.
 */
export async function increment(whole: Input, added: number, place = 1): Promise<Input> {
  const { rows } = whole;
  const number = whole.files.length + place;
  const folder = join(ROOT, `${added}-after-${rows}-rows-${whole.files.length}-files-${place}`);
  const day = new Date(Date.UTC(2026, 0, number)).toISOString().slice(0, 10);
  const file = `generated/${day.replaceAll('-', '/')}/purchases-${String(number).padStart(4, '0')}.csv`;
  const path = join(folder, file);
  if ((await stat(path).catch(() => undefined)) === undefined) {
    await mkdir(dirname(path), { recursive: true });
    // Far enough from the first file's rows that the two files share no row.
    const from = rows + (place - 1) * rows;
    await generateRows(from, from + added, rows, `${path}.tmp`);
    await rename(`${path}.tmp`, path);
  }
  return { folder, files: [file], rows: added, bytes: (await stat(path)).size };
}

/**
 * Rows numbered from `first` (inclusive) to `end` (exclusive), for the purchases and customers of a
 * set of `rows` rows.
 */
async function generateRows(first: number, end: number, rows: number, path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const customers = defaultCustomers(rows);
  const stride = Math.max(1, Math.floor(rows / customers));
  const numbers = Object.fromEntries(
    Object.entries({ first, end, seed: SEED, customers, stride }).map(([k, v]) => [k, BigInt(v)]),
  );
  const types = Object.fromEntries(Object.keys(numbers).map((name) => [name, BIGINT]));
  const lists = { first_names: listValue(FIRST_NAMES), last_names: listValue(LAST_NAMES) };
  using paths = plainPaths(tmpdir());
  const copy = copyTo(paths, GENERATE_FILE, path, 'format csv, header');
  await connection.run(copy, { ...numbers, ...lists }, types);
  connection.closeSync();
  instance.closeSync();
}

/** Hard-links the files into the run's folder. */
export async function layOut({ folder, files }: Input, target: string): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await link(join(folder, file), join(target, file));
  }
}

/**
 * The package's rates as plain CSV, with cross rates already computed, so that no contender has to
 * compute them.
 */
export async function writeRates(path: string): Promise<void> {
  const packed = await readFile(new URL('../data/rates.csv.gz', import.meta.url));
  await writeFile(path, parseRates(gunzipSync(packed).toString(), 'data/rates.csv.gz').csv());
}

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openableFolder } from './embedded-copy.ts';
import { quietAwsSdk } from '../config/aws.ts';
import type { Config } from '../config/config.ts';
import { isS3 } from '../config/places.ts';
import { ratesPlaces, settingsOf } from '../config/use.ts';
import type { Store } from '../lake/ports/store.ts';
import type { Warehouse } from '../lake/ports/warehouse.ts';
import type { StepDeps } from '../state-machine/steps/deps.ts';

/** Above this, DuckDB spills to disk: a run over 10 million rows stays below 1 GB, one over 100 million takes 1.5 GB (docs/benchmarks.md, growth). */
export const MEMORY_LIMIT = '1GB';
/** A state that Lambda would run has 15 minutes; more bytes than this get a Glue job's four hours, on a laptop too. */
const CLUSTER_BYTES = 2 ** 31;

/** The package's own folder, from the source tree as from the bundle. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** A fresh id: sortable by time, unique among runs that start in the same second. */
export const newRunId = (now: Date): string =>
  `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;

/** The lake's store: a folder, or S3. */
export async function openStore({ lake }: Pick<Config, 'lake'>): Promise<Store> {
  if (!isS3(lake)) {
    const { folderStore } = await import('../stores/filesystem/filesystem.ts');
    return folderStore(lake);
  }
  quietAwsSdk();
  const { s3Store } = await import('../stores/s3/s3.ts');
  const { bavail, bsize } = await statfs(tmpdir());
  // The rest is for what an engine spills beside its input.
  return s3Store(lake, { scratchBytes: (bavail * bsize) / 2, random: Math.random });
}

async function readObject(uri: string): Promise<Uint8Array | undefined> {
  quietAwsSdk();
  const { readS3Object } = await import('../stores/s3/object.ts');
  return readS3Object(uri, { random: Math.random });
}

/** The serving database, with its schema up to date. */
export async function openWarehouse(config: Config, reading = false): Promise<Warehouse> {
  const opened = await connectWarehouse(config, reading);
  await opened.migrate();
  return opened;
}

/** The serving database as it is; where `reading` says so, an embedded one in a folder that cannot be written is read from a copy. */
export async function connectWarehouse({ warehouse }: Config, reading = false): Promise<Warehouse> {
  if (warehouse.kind === 'pglite') {
    const { openPglite } = await import('../warehouses/pglite/pglite.ts');
    const { SEED_FILE } = await import('../warehouses/pglite/seed.ts');
    const seed = join(packageFolder(), 'dist', SEED_FILE);
    if (!reading) return openPglite({ folder: warehouse.folder, seed });
    const { folder, remove } = await openableFolder(warehouse.folder);
    const opened = await openPglite({ folder, seed }).catch(async (error: unknown) => {
      await remove();
      throw error;
    });
    const name = `pglite folder ${warehouse.folder}`;
    return {
      ...opened,
      name,
      async close() {
        await opened.close();
        await remove();
      },
    };
  }
  quietAwsSdk();
  const { url, password } = warehouse;
  const options = { url, random: Math.random, ...(password === undefined ? {} : { password }) };
  if (warehouse.kind === 'mysql') {
    const { openMysql } = await import('../warehouses/mysql/mysql.ts');
    return openMysql(options);
  }
  const { openPostgres } = await import('../warehouses/postgres/postgres.ts');
  return openPostgres(options);
}

/** Everything a run stands on. Disposing it closes the warehouse and removes the scratch folder. */
export type Wiring = AsyncDisposable & { deps: StepDeps; openedWarehouse(): Promise<Warehouse> };

/** `scratch` is the lake's own unless said: a command that does not hold the lake must not share it with one that does. */
export async function wire(
  config: Config,
  now: () => Date,
  scratch = scratchFolder(config),
  reading = false,
): Promise<Wiring> {
  const store = await openStore(config);
  const { duckdbEngine } = await import('../engines/duckdb/engine.ts');
  const engine = duckdbEngine({ memoryLimit: MEMORY_LIMIT });
  const { duckdbFinder } = await import('../engines/duckdb/finder.ts');
  let opening: Promise<Warehouse> | undefined;
  const warehouse = (): Promise<Warehouse> => (opening ??= openWarehouse(config, reading));
  const deps: StepDeps = {
    store,
    engine,
    finder: duckdbFinder({ memoryLimit: MEMORY_LIMIT }),
    warehouse,
    settings: settingsOf(config),
    rates: ratesPlaces(config, join(packageFolder(), 'data'), readObject),
    scratch,
    clusterBytes: CLUSTER_BYTES,
    newId: () => randomBytes(6).toString('hex'),
    now,
  };
  return {
    deps,
    openedWarehouse: warehouse,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await (await opening?.catch(() => undefined))?.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** In the lake itself, so that finished files are moved into place, not copied; where the lake is remote, and may have several writers, a folder of this command alone. */
const scratchFolder = ({ lake }: Config): string =>
  isS3(lake)
    ? join(tmpdir(), `purchases-scratch-${process.pid}-${randomBytes(6).toString('hex')}`)
    : join(lake, '_scratch');

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openableFolder } from '../query/embedded-copy.ts';
import { quietAwsSdk } from '../../config/aws.ts';
import type { Config } from '../../config/config.ts';
import { isS3 } from '../../config/locations.ts';
import { ratesPlaces, settingsOf } from '../../config/lake-settings.ts';
import type { Store } from '../../lake/ports/store.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import type { WarehouseReader } from '../../lake/ports/warehouse-reader.ts';
import type { StepDeps } from '../../state-machine/steps/deps.ts';

/**
 * DuckDB's memory limit, above which it spills to disk. A run over 10 million rows stays below
 * 1 GB, one over 100 million takes 1.5 GB (docs/benchmarks.md, growth).
 */
export const MEMORY_LIMIT = '1GB';
/**
 * A state on Lambda has 15 minutes; one with more bytes than this gets a Glue job's four hours. The
 * same timeouts apply on a laptop.
 */
const CLUSTER_BYTES = 2 ** 31;

/** The package's folder, both from the source tree and from the bundle. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** A new run id: sortable by time, unique among runs that start in the same second. */
export const newRunId = (now: Date): string =>
  `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;

/** The lake's store: a folder, or S3. */
export async function openStore({ lake }: Pick<Config, 'lake'>): Promise<Store> {
  if (!isS3(lake)) {
    const { folderStore } = await import('../../stores/filesystem/filesystem.ts');
    return folderStore(lake);
  }
  quietAwsSdk();
  const { s3Store } = await import('../../stores/s3/s3.ts');
  const { bavail, bsize } = await statfs(tmpdir());
  // The rest is left for files that an engine spills.
  return s3Store(lake, { scratchBytes: (bavail * bsize) / 2, random: Math.random });
}

async function readObject(uri: string): Promise<Uint8Array | undefined> {
  quietAwsSdk();
  const { readS3Object } = await import('../../stores/s3/object.ts');
  return readS3Object(uri, { random: Math.random });
}

/**
 * How the serving database is opened. `command` is shown to other commands while an embedded
 * database is locked; `reading` does not need a writable folder.
 */
type Opener = { command?: string; reading?: boolean };

/** Opens the serving database and brings its schema up to date. */
export async function openWarehouse(config: Config, opener: Opener = {}): Promise<Warehouse> {
  const opened = await connectWarehouse(config, opener);
  try {
    await opened.migrate();
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/**
 * Opens the serving database without migrating it. An embedded one is locked until it is closed; in
 * a read-only folder it is read from a copy. Error: `LakeBusy`.
 */
export async function connectWarehouse(
  { warehouse }: Config,
  { command = 'purchases', reading = false }: Opener = {},
): Promise<Warehouse> {
  if (warehouse.kind === 'pglite') {
    const { openPglite } = await import('../../warehouses/pglite/pglite.ts');
    const { SEED_FILE } = await import('../../warehouses/pglite/seed.ts');
    const seed = join(packageFolder(), 'dist', SEED_FILE);
    if (!reading)
      return openPglite({ folder: warehouse.folder, seed, lock: databaseLock(command) });
    const { folder, remove } = await openableFolder(warehouse.folder);
    const lock = databaseLock(command);
    const opened = await openPglite({ folder, seed, lock }).catch(async (error: unknown) => {
      await remove();
      throw error;
    });
    const name = `pglite folder ${warehouse.folder}`;
    const close = async (): Promise<void> => {
      try {
        await opened.close();
      } finally {
        await remove();
      }
    };
    return { ...opened, name, close };
  }
  quietAwsSdk();
  const { url, password } = warehouse;
  const options = { url, random: Math.random, ...(password === undefined ? {} : { password }) };
  if (warehouse.kind === 'mysql') {
    const { openMysql } = await import('../../warehouses/mysql/warehouse.ts');
    return openMysql(options);
  }
  const { openPostgres } = await import('../../warehouses/postgres/warehouse.ts');
  return openPostgres(options);
}

/**
 * Opens the serving database for SQL from the user: without migrations, and with an embedded
 * database locked only until it is copied.
 */
export async function openReader(config: Config, command: string): Promise<WarehouseReader> {
  const { warehouse } = config;
  if (warehouse.kind === 'pglite') {
    const { assertExists, pgliteReader } = await import('../../warehouses/pglite/reader.ts');
    assertExists(warehouse.folder);
    const { folder, remove } = await openableFolder(warehouse.folder);
    try {
      await using _lock = await databaseLock(command)(folder);
      return await pgliteReader(folder);
    } finally {
      await remove();
    }
  }
  quietAwsSdk();
  const { url, password, reader } = warehouse;
  const options = {
    random: Math.random,
    newSecret: () => randomBytes(32).toString('hex'),
    ...(reader === undefined ? { url } : { url: reader, isReader: true }),
    ...(reader !== undefined || password === undefined ? {} : { password }),
  };
  if (warehouse.kind === 'mysql')
    return (await import('../../warehouses/mysql/reader.ts')).mysqlReader(options);
  return (await import('../../warehouses/postgres/reader.ts')).postgresReader(options);
}

/** Locks the folder of an embedded database for this process, independent of any lake. */
export const databaseLock =
  (command: string) =>
  async (folder: string): Promise<AsyncDisposable> => {
    const { lockDatabase } = await import('../../stores/filesystem/lock.ts');
    return lockDatabase(folder, { command, now: new Date() });
  };

/** A run's dependencies. Disposing it closes the warehouse and removes the scratch folder. */
export type Wiring = AsyncDisposable & { deps: StepDeps; openedWarehouse(): Promise<Warehouse> };

/**
 * Builds a run's dependencies. `scratch` defaults to the lake's own folder, which a command without
 * the lake's lock must not share.
 */
export async function wire(
  config: Config,
  now: () => Date,
  { scratch = scratchFolder(config), ...opener }: Opener & { scratch?: string } = {},
): Promise<Wiring> {
  const store = await openStore(config);
  const { duckdbEngine } = await import('../../engines/duckdb/engine.ts');
  const engine = duckdbEngine({ memoryLimit: MEMORY_LIMIT });
  const { duckdbPersonSearch } = await import('../../engines/duckdb/read/person-search.ts');
  let opening: Promise<Warehouse> | undefined;
  const warehouse = (): Promise<Warehouse> => (opening ??= openWarehouse(config, opener));
  const deps: StepDeps = {
    store,
    engine,
    personSearch: duckdbPersonSearch({ memoryLimit: MEMORY_LIMIT }),
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

/**
 * A folder in the lake, so that finished files are moved into place and not copied. For a remote
 * lake, which may have several writers, a temporary folder of this command.
 */
const scratchFolder = ({ lake }: Config): string =>
  isS3(lake)
    ? join(tmpdir(), `purchases-scratch-${process.pid}-${randomBytes(6).toString('hex')}`)
    : join(lake, '_scratch');

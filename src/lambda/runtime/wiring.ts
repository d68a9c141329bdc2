import { randomBytes } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GlueClient } from '@aws-sdk/client-glue';
import { glueCatalog } from '../../catalog/glue/catalog.ts';
import { quietAwsSdk } from '../../config/aws.ts';
import type { Config } from '../../config/config.ts';
import {
  functionEnvironment,
  type FunctionSettings,
  functionSettings,
} from '../../config/functions.ts';
import { loadConfig } from '../../config/load.ts';
import { ratesPlaces, settingsOf } from '../../config/lake-settings.ts';
import { ConfigInvalid } from '../../errors.ts';
import type { Catalog } from '../../lake/ports/catalog.ts';
import type { Engine } from '../../lake/ports/engine.ts';
import type { Store } from '../../lake/ports/store.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import type { StepDeps } from '../../state-machine/steps/deps.ts';
import { readS3Object } from '../../stores/s3/object.ts';
import { s3Store } from '../../stores/s3/s3.ts';

/** Opens the engine of a function; functions without an engine have none in their bundle. */
export type OpenEngine = (memoryLimit: string) => Engine;

export type Wired = { config: Config; settings: FunctionSettings; store: Store };

/**
 * Reads the configuration that was deployed with the function, and the lake that the stack names.
 */
export async function wire(): Promise<Wired> {
  quietAwsSdk();
  const settings = functionSettings();
  const config = await loadConfig({ cwd: settings.folder, env: functionEnvironment(), flags: {} });
  if (!config.lake.startsWith('s3://'))
    throw new ConfigInvalid(`PURCHASES_LAKE is not set to a lake in S3 (${config.lake}).`, {
      hint: 'Deploy the stack again: it names the lake.',
    });
  const { bavail, bsize } = await statfs(tmpdir());
  const store = s3Store(config.lake, { scratchBytes: (bavail * bsize) / 2, random: Math.random });
  return { config, settings, store };
}

/**
 * The dependencies of the steps in a function. The serving database is connected on first use and
 * kept while the sandbox lives.
 */
export function stepDeps(
  { config, settings, store }: Wired,
  open: OpenEngine = noEngine,
): StepDeps {
  let opening: Promise<Warehouse> | undefined;
  const catalog = openCatalog(config.lake, store, settings);
  return {
    store,
    engine: open(`${Math.floor(settings.memoryMb * 0.6)}MB`),
    warehouse: () => (opening ??= openWarehouse(config).catch(again)),
    ...(catalog === undefined ? {} : { catalog }),
    settings: settingsOf(config),
    rates: ratesPlaces(config, join(settings.folder, 'data'), (uri) =>
      readS3Object(uri, { random: Math.random }),
    ),
    scratch: join(tmpdir(), 'purchases-scratch'),
    clusterBytes: settings.clusterBytes,
    cluster: settings.authorities === undefined ? {} : { authorities: settings.authorities },
    newId: () => randomBytes(6).toString('hex'),
    now: () => new Date(),
  };

  function again(error: unknown): never {
    opening = undefined;
    throw error;
  }
}

const noEngine: OpenEngine = () => {
  const missing = (): never => {
    throw new Error('This function has no engine.');
  };
  return {
    name: 'none',
    bronzeToSilver: missing,
    objectsWithStaleRates: missing,
    silverToGold: missing,
    goldToStaging: missing,
    close: async () => {},
  };
};

async function openWarehouse({ warehouse }: Config): Promise<Warehouse> {
  if (warehouse.kind === 'pglite')
    throw new ConfigInvalid('PURCHASES_WAREHOUSE names no database server.', {
      hint: 'Deploy the stack again: it names the database.',
    });
  const options = { url: warehouse.url, random: Math.random };
  const opened =
    warehouse.kind === 'mysql'
      ? (await import('../../warehouses/mysql/warehouse.ts')).openMysql(options)
      : (await import('../../warehouses/postgres/warehouse.ts')).openPostgres(options);
  await opened.migrate();
  return opened;
}

function openCatalog(
  location: string,
  store: Store,
  { catalog }: FunctionSettings,
): Catalog | undefined {
  if (catalog === undefined) return undefined;
  const client = new GlueClient({ maxAttempts: 6 });
  return glueCatalog({ client, database: catalog, location, store });
}

import { dirname, relative } from 'node:path';
import { type Config, configOf, type Settings } from './config.ts';
import { type Fault, configInvalid, faultOf, pathText } from './shape/faults.ts';
import { findFile } from './file/find-file.ts';
import {
  type Environment,
  type Flags,
  type Given,
  given,
  givenPassword,
  givenReader,
  givenWarehouse,
} from './overrides.ts';
import { readLake, readRates, readWarehouse, type WarehousePlace } from './locations.ts';
import { readConfigFile } from './file/read-file.ts';
import type { ConfigInput } from './shape/shape.ts';

export type LoadOptions = { cwd: string; env: Environment; flags: Flags };

/**
 * The configuration: flags override the environment, the environment overrides the file, and the
 * rest are defaults; no file at all works too. Paths are absolute: those of the file start at its
 * folder, those of flags and environment at `cwd`. Every fault is reported at once as
 * `ConfigInvalid`.
 */
export async function loadConfig({ cwd, env, flags }: LoadOptions): Promise<Config> {
  const named = given(flags, env, 'config');
  const found = await findFile(cwd, named);
  const warehouse = await givenWarehouse(flags, env, cwd);
  const { password, faults: passwordFaults } = await givenPassword(env, cwd);
  const reader = await givenReader(env, cwd);
  const content =
    found.file === undefined ? { input: {}, faults: [] } : await readInput(found.file, cwd);
  const settings: Settings = {
    lake: given(flags, env, 'lake'),
    warehouse: warehouse.given,
    timeZone: given(flags, env, 'timeZone'),
    fxRates: given(flags, env, 'fxRates'),
  };
  const faults = [
    ...found.faults,
    ...content.faults,
    ...warehouse.faults,
    ...passwordFaults,
    ...reader.faults,
    ...faultsOf(reader.given, (text) => readWarehouse(text, cwd)),
    ...(await givenFaults(settings, cwd)),
  ];
  if (faults.length > 0) throw configInvalid(faults);
  const folder = found.file === undefined ? cwd : dirname(found.file);
  const config = configOf({ input: content.input, file: found.file, named, folder, cwd, settings });
  const place = withPassword(config.warehouse, password);
  return { ...config, warehouse: withReader(place, reader.given, cwd) };
}

/** A login that reads is one of the same kind of server; an embedded database has no logins. */
function withReader(
  warehouse: WarehousePlace,
  reader: Given | undefined,
  cwd: string,
): WarehousePlace {
  if (reader === undefined || warehouse.kind === 'pglite') return warehouse;
  const place = readWarehouse(reader.text, cwd);
  if (place.kind === warehouse.kind) return { ...warehouse, reader: place.url };
  const message = `is a ${place.kind} URL, and the warehouse is ${warehouse.kind}`;
  throw configInvalid([{ where: reader.where, message }]);
}

/** Two passwords for one database are a mistake: which of them is the old one cannot be told. */
function withPassword(warehouse: WarehousePlace, password: string | undefined): WarehousePlace {
  if (password === undefined || warehouse.kind === 'pglite') return warehouse;
  const { password: inUrl, searchParams } = new URL(warehouse.url);
  if (inUrl === '' && !searchParams.has('passwordFrom')) return { ...warehouse, password };
  throw configInvalid([
    {
      where: 'PURCHASES_WAREHOUSE_PASSWORD',
      message: `stands beside the ${inUrl === '' ? 'passwordFrom' : 'password'} of the warehouse's URL: keep one`,
    },
  ]);
}

/**
 * A file's content, or what is wrong with it in the order of the file. The model is loaded only
 * where there is a file: it costs more than all else here.
 */
async function readInput(
  file: string,
  cwd: string,
): Promise<{ input: ConfigInput; faults: Fault[] }> {
  const below = relative(cwd, file);
  const { value, faults, locate } = await readConfigFile(
    file,
    below.startsWith('..') ? file : below,
  );
  if (faults.length > 0) return { input: {}, faults };
  const { checkInput } = await import('./shape/check-input.ts');
  const checked = checkInput(value);
  const placed = checked.faults
    .map(({ path, message }) => ({ place: locate(path), where: pathText(path), message }))
    .toSorted((a, b) => a.place.offset - b.place.offset)
    .map((fault) => ({ ...fault, place: fault.place.text }));
  return { input: checked.input, faults: placed };
}

/**
 * Flags and variables are read as the file's values are; the zone table is loaded only where a zone
 * is named.
 */
async function givenFaults(settings: Settings, cwd: string): Promise<Fault[]> {
  const { lake, warehouse, timeZone, fxRates } = settings;
  const readZone = timeZone === undefined ? undefined : (await import('./shape/zone.ts')).readZone;
  return [
    ...faultsOf(lake, (text) => readLake(text, cwd)),
    ...faultsOf(warehouse, (text) => readWarehouse(text, cwd)),
    ...faultsOf(timeZone, (text) => readZone?.(text)),
    ...faultsOf(fxRates, (text) => readRates(text, cwd)),
  ];
}

function faultsOf(setting: Given | undefined, read: (text: string) => unknown): Fault[] {
  if (setting === undefined) return [];
  const message = faultOf(() => read(setting.text));
  return message === undefined ? [] : [{ where: setting.where, message }];
}

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
 * Loads the configuration. Flags override the environment, the environment overrides the file, and
 * the rest are defaults; the file is optional. Relative paths of the file start at its folder,
 * those of flags and the environment at `cwd`. All faults are reported in one `ConfigInvalid`.
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
  const config = configOf({ input: content.input, file: found.file, folder, cwd, settings });
  const place = withPassword(config.warehouse, password);
  return { ...config, warehouse: withReader(place, reader.given, cwd) };
}

/** Adds the URL of the reading login, which must be of the same kind of server. */
function withReader(
  warehouse: WarehousePlace,
  reader: Given | undefined,
  cwd: string,
): WarehousePlace {
  if (reader === undefined || warehouse.kind === 'pglite') return warehouse;
  const place = readWarehouse(reader.text, cwd);
  if (place.kind === warehouse.kind) return { ...warehouse, reader: place.url };
  const message = `is a ${place.kind} URL, but the warehouse is ${warehouse.kind}`;
  throw configInvalid([{ where: reader.where, message }]);
}

/** Adds the password. Two passwords are an error, since either may be outdated. */
function withPassword(warehouse: WarehousePlace, password: string | undefined): WarehousePlace {
  if (password === undefined || warehouse.kind === 'pglite') return warehouse;
  const { password: inUrl, searchParams } = new URL(warehouse.url);
  if (inUrl === '' && !searchParams.has('passwordFrom')) return { ...warehouse, password };
  throw configInvalid([
    {
      where: 'PURCHASES_WAREHOUSE_PASSWORD',
      message: `conflicts with the ${inUrl === '' ? 'passwordFrom' : 'password'} in the warehouse's URL: keep one of them`,
    },
  ]);
}

/**
 * Reads a file's content, or its faults in the order of the file. The schema is loaded only if
 * there is a file: loading it costs more than all else here.
 */
async function readInput(
  file: string,
  cwd: string,
): Promise<{ input: ConfigInput; faults: Fault[] }> {
  const shortPath = relative(cwd, file);
  const { value, faults, locate } = await readConfigFile(
    file,
    shortPath.startsWith('..') ? file : shortPath,
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

/** Checks flags and variables like the file's values. The zone table is loaded only for a zone. */
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

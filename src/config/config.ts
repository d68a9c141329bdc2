import { join } from 'node:path';
import { DEFAULTS } from '../lake/settings.ts';
import type { Source } from '../medallion/source.ts';
import type { Given } from './overrides.ts';
import {
  isS3,
  type RatesPlace,
  readLake,
  readRates,
  readWarehouse,
  type WarehousePlace,
} from './locations.ts';
import type { ConfigInput } from './shape/shape.ts';
import { toSource } from './shape/to-source.ts';

export type Origin = 'flag' | 'environment' | 'file' | 'default';

/** A configuration with all defaults filled in and all paths absolute. */
export type Config = {
  /** The file that was read, if any. */
  file: string | undefined;
  /** An absolute folder, or `s3://bucket/prefix` without a slash at its end. */
  lake: string;
  warehouse: WarehousePlace;
  /** The business time zone. */
  timeZone: string;
  fx: { rates: RatesPlace | undefined; maxAgeDays: number };
  firstCustomerId: number;
  limits: { maxQuarantinedShare: number; maxInflation: number };
  sources: Source[];
  /** The origin of each value by the path of its key; `config` is that of the file itself. */
  origins: Record<string, Origin>;
};

/** The settings that flags and the environment override. */
export type Settings = Record<'lake' | 'warehouse' | 'timeZone' | 'fxRates', Given | undefined>;

type Parts = {
  input: ConfigInput;
  file: string | undefined;
  named: Given | undefined;
  /** The base of relative paths in the file and in the defaults. */
  folder: string;
  cwd: string;
  settings: Settings;
};

/** Merges a checked file and checked settings into one configuration. */
export function configOf({ input, file, named, folder, cwd, settings }: Parts): Config {
  const lake = place(settings.lake, input.lake, readLake) ?? readLake('./lake', folder);
  const inLake = isS3(lake) ? join(folder, 'lake') : lake;
  return {
    file,
    lake,
    warehouse: place(settings.warehouse, input.warehouse, readWarehouse) ?? {
      kind: 'pglite',
      folder: join(inLake, '_warehouse'),
    },
    timeZone: settings.timeZone?.text ?? input.timeZone ?? DEFAULTS.timeZone,
    fx: {
      rates: place(settings.fxRates, input.fx?.rates, readRates),
      maxAgeDays: input.fx?.maxAgeDays ?? DEFAULTS.maxAgeDays,
    },
    firstCustomerId: input.firstCustomerId ?? DEFAULTS.firstCustomerId,
    limits: {
      maxQuarantinedShare: input.limits?.maxQuarantinedShare ?? DEFAULTS.limits.maxQuarantinedShare,
      maxInflation: input.limits?.maxInflation ?? DEFAULTS.limits.maxInflation,
    },
    sources: (input.sources ?? [{ name: 'default', match: '**' }]).map(toSource),
    origins: originsOf(input, named, settings),
  };

  function place<Place>(
    setting: Given | undefined,
    ofFile: string | undefined,
    read: (text: string, base: string) => Place,
  ): Place | undefined {
    if (setting !== undefined) return read(setting.text, cwd);
    return ofFile === undefined ? undefined : read(ofFile, folder);
  }
}

function originsOf(
  input: ConfigInput,
  named: Given | undefined,
  settings: Settings,
): Record<string, Origin> {
  return {
    config: named?.origin ?? 'default',
    lake: origin(input.lake, settings.lake),
    warehouse: origin(input.warehouse, settings.warehouse),
    timeZone: origin(input.timeZone, settings.timeZone),
    'fx.rates': origin(input.fx?.rates, settings.fxRates),
    'fx.maxAgeDays': origin(input.fx?.maxAgeDays),
    firstCustomerId: origin(input.firstCustomerId),
    'limits.maxQuarantinedShare': origin(input.limits?.maxQuarantinedShare),
    'limits.maxInflation': origin(input.limits?.maxInflation),
    sources: origin(input.sources),
  };
}

const origin = (value: unknown, setting?: Given): Origin =>
  setting?.origin ?? (value === undefined ? 'default' : 'file');

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
};

/** The settings that flags and the environment override. */
export type Settings = Record<'lake' | 'warehouse' | 'timeZone' | 'fxRates', Given | undefined>;

type Parts = {
  input: ConfigInput;
  file: string | undefined;
  /** The base of relative paths in the file and in the defaults. */
  folder: string;
  cwd: string;
  settings: Settings;
};

/** Merges a checked file and checked settings into one configuration. */
export function configOf({ input, file, folder, cwd, settings }: Parts): Config {
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

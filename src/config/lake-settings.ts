import type { RatesPlaces } from '../lake/run/rates.ts';
import type { LakeSettings } from '../lake/settings.ts';
import type { Config } from './config.ts';

/** The settings of the configuration that decide the lake's content. */
export function settingsOf(config: Config): LakeSettings {
  const { timeZone, firstCustomerId, limits, sources, fx } = config;
  return { timeZone, firstCustomerId, limits, sources, maxAgeDays: fx.maxAgeDays };
}

/** The places of exchange rates. `readObject` reads an S3 object by its URI. */
export function ratesPlaces(
  { fx: { rates, maxAgeDays } }: Config,
  packaged: string,
  readObject: (uri: string) => Promise<Uint8Array | undefined>,
): RatesPlaces {
  if (rates === undefined) return { packaged, maxAgeDays };
  if (rates.kind !== 's3') return { packaged, maxAgeDays, configured: rates };
  const { uri: name } = rates;
  return {
    packaged,
    maxAgeDays,
    configured: { kind: 'object', name, read: () => readObject(name) },
  };
}

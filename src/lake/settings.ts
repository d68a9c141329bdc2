import { createHash } from 'node:crypto';

import type { Source } from '../medallion/source.ts';
import { ZONE_TABLE_VERSION } from '../medallion/sql/zones.ts';

/** Settings that decide how data is read; locations are the caller's. */
export type LakeSettings = {
  timeZone: string;
  firstCustomerId: number;
  maxAgeDays: number;
  limits: { maxQuarantinedShare: number; maxInflation: number };
  sources: Source[];
};

/** Values of settings that a configuration leaves out. */
export const DEFAULTS = {
  timeZone: 'Australia/Sydney',
  firstCustomerId: 1_000_000_001,
  maxAgeDays: 7,
  limits: { maxQuarantinedShare: 1, maxInflation: 200 },
} as const satisfies Omit<LakeSettings, 'sources'>;

/**
 * Increased whenever the rules in code return other results for the same rows, or silver has other
 * columns: every object is then read again.
 */
export const RULES_VERSION = 4;

/**
 * Returns the digest of an object's rules (SPEC section 9): its source's entry, the settings that
 * affect rows, and the code's rules version.
 */
export function rulesDigest(source: Source | null, { timeZone, limits }: LakeSettings): string {
  const { match: _, ...entry } = source ?? { match: '' };
  const inputs = [
    RULES_VERSION,
    ZONE_TABLE_VERSION,
    timeZone,
    limits.maxQuarantinedShare,
    limits.maxInflation,
    sorted(entry),
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 32);
}

/** Sorts keys, so that their order in the configuration does not change the digest. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Returns the digest of the exchange rates in use: the table and the maximum age. */
export const ratesDigest = (table: string, maxAgeDays: number): string =>
  `${table.slice(0, 32)}-${maxAgeDays}`;

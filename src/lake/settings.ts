import { createHash } from 'node:crypto';

import type { Source } from '../medallion/source.ts';
import { ZONE_TABLE_VERSION } from '../medallion/sql/zones.ts';

/** What a configuration says about the meaning of the lake; where things lie is the caller's. */
export type LakeSettings = {
  timeZone: string;
  firstCustomerId: number;
  maxAgeDays: number;
  limits: { maxQuarantinedShare: number; maxInflation: number };
  sources: Source[];
};

/**
 * Raised whenever the rules in code give another result for the same rows, or silver has other
 * columns: every object is then remade.
 */
export const RULES_VERSION = 4;

/**
 * The digest of an object's rules (SPEC section 9): its source's entry, the settings that shape
 * rows, the code's rules version.
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

/** Keys in one order, so that a configuration written in another order is the same rules. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** The digest of the rates in use: the table and the age that it allows. */
export const ratesDigest = (table: string, maxAgeDays: number): string =>
  `${table.slice(0, 32)}-${maxAgeDays}`;

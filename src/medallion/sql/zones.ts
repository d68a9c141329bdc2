import { decodePeriods } from './zone-code.ts';
import type { ZoneTransitions } from './zone-code.ts';
import table from './zone-transitions.json' with { type: 'json' };

/**
 * A zone read from local time: from `local` on (seconds of wall time, counted as if it were UTC) a
 * local time is `offset` seconds ahead of UTC, and before the first boundary `initialOffset`.
 */
export type LocalBoundaries = {
  initialOffset: number;
  boundaries: { local: number; offset: number }[];
};

/**
 * The IANA release that the table of transitions holds and a digest of its content: part of the
 * rules (SPEC section 4).
 */
export const ZONE_TABLE_VERSION: string = table.version;

const names = new Map<string, string>(Object.entries(table.names));

/** Reports whether the table has the zone: an IANA name or alias in its own letter case. */
export function isZone(name: string): boolean {
  return names.has(name);
}

/**
 * The zone's offset at 1900-01-01 and its changes until 2100-01-01, which every engine uses in
 * place of its own zone data (SPEC section 4). The zone must be in the table.
 */
export function zoneTransitions(name: string): ZoneTransitions {
  const code = names.get(name);
  if (code === undefined) throw new Error(`zone ${name} is not in the table`);
  const [initialOffset = 0, ...periods] = code.split(' ').map(Number);
  return decodePeriods(
    initialOffset,
    periods.map((index) => table.periods[index] ?? ''),
  );
}

/**
 * The boundaries that turn the zone's local times into instants: a time that occurs twice is the
 * first, a skipped one has the offset before it (SPEC section 4). Both mean that the old offset is
 * valid until the later of the two readings of the clock at the change. Boundaries ascend: the
 * table has no changes less than two days apart.
 */
export function localBoundaries(name: string): LocalBoundaries {
  const { initialOffset, transitions } = zoneTransitions(name);
  const boundaries = transitions.map(({ at, offset }, index) => ({
    local: at + Math.max(offset, transitions[index - 1]?.offset ?? initialOffset),
    offset,
  }));
  return { initialOffset, boundaries };
}

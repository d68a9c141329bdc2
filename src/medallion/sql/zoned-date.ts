import { zoneTransitions } from './zones.ts';

/**
 * The calendar date, YYYY-MM-DD, in a zone at an instant in whole seconds since 1970, by the table
 * of transitions.
 */
export function zonedDate(zone: string, seconds: number): string {
  const { initialOffset, transitions } = zoneTransitions(zone);
  const offset = transitions.findLast(({ at }) => at <= seconds)?.offset ?? initialOffset;
  return new Date((seconds + offset) * 1000).toISOString().slice(0, 10);
}

import { shown } from './faults.ts';
import { didYouMean } from './suggest.ts';

/** A time zone that the table of transitions has. Throws a plain `Error` for any other name. */
export function readZone(name: string): string {
  if (isZone(name)) return name;
  const meant = didYouMean(name, Intl.supportedValuesOf('timeZone'));
  throw new Error(`must be a time zone such as Europe/London, not ${shown(name)}${meant}`);
}

function isZone(name: string): boolean {
  if (!/^(?:UTC|[A-Z][\w+-]*(?:\/[A-Z][\w+-]*)+)$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

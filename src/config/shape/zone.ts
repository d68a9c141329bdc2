import { isZone } from '../../medallion/sql/zones.ts';
import { shown } from './faults.ts';
import { didYouMean } from './suggest.ts';

/** Checks that a time zone is in the table of transitions. Throws a plain `Error` otherwise. */
export function readZone(name: string): string {
  if (isZone(name)) return name;
  const meant = didYouMean(name, Intl.supportedValuesOf('timeZone').filter(isZone));
  throw new Error(`must be a time zone such as Europe/London, not ${shown(name)}${meant}`);
}

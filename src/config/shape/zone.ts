import { isZone } from '../../medallion/sql/zones.ts';
import { shown } from './faults.ts';
import { didYouMean } from './suggest.ts';

/** A time zone that the table of transitions has. Throws a plain `Error` for any other name. */
export function readZone(name: string): string {
  if (isZone(name)) return name;
  const meant = didYouMean(name, Intl.supportedValuesOf('timeZone').filter(isZone));
  throw new Error(`must be a time zone such as Europe/London, not ${shown(name)}${meant}`);
}

import { createHash } from 'node:crypto';
import type { ZoneTransitions } from '../src/medallion/sql/zone-code.ts';

/**
 * The version of a zone table: the IANA release and a digest of the table's content, independent of
 * its formatting.
 */
export function zoneTableVersion(release: string, zones: Map<string, ZoneTransitions>): string {
  const hash = createHash('sha256');
  for (const name of [...zones.keys()].toSorted())
    hash.update(`${name} ${JSON.stringify(zones.get(name))}\n`);
  return `${release}-${hash.digest('hex').slice(0, 12)}`;
}

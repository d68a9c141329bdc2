/**
 * Builds src/medallion/sql/zone-transitions.json from the compiled zones of an IANA release: `npx
 * tsx scripts/build-zones.ts FOLDER`, with the folder of a tzdata package (`/usr/share/zoneinfo`,
 * or `tzdata/zoneinfo` of Python's `tzdata`). It does not use Intl, whose zones are as old as the
 * Node release.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodePeriods } from '../src/medallion/sql/zone-code.ts';
import type { ZoneTransitions } from '../src/medallion/sql/zone-code.ts';
import { isTzif, readTzif } from './tzif.ts';
import { zoneTableVersion } from './zone-version.ts';

const folder = process.argv[2];
if (folder === undefined)
  throw new Error('usage: npx tsx scripts/build-zones.ts FOLDER_OF_COMPILED_ZONES');

// Leap-second copies, the host's local zone, and the placeholder for "no zone chosen".
const NOT_ZONES = /^(?:posix|right)\/|^(?:posixrules|localtime|Factory)$/;
const TWO_DAYS = 2 * 86_400;

function readZones(root: string): Map<string, ZoneTransitions> {
  const zones = new Map<string, ZoneTransitions>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(root, file).replaceAll(path.sep, '/');
    const bytes = readFileSync(file);
    if (NOT_ZONES.test(name) || !isTzif(bytes)) continue;
    const zone = readTzif(bytes);
    checkGaps(name, zone);
    zones.set(name, zone);
  }
  return zones;
}

/**
 * Local times have one boundary per transition only if no two transitions are so close that their
 * repeated or skipped hours overlap.
 */
function checkGaps(name: string, { transitions }: ZoneTransitions): void {
  for (const [index, { at }] of transitions.entries()) {
    const next = transitions[index + 1];
    if (next !== undefined && next.at - at < TWO_DAYS)
      throw new Error(`${name}: two transitions near ${at}`);
  }
}

const release = /^# version (\S+)/.exec(readFileSync(path.join(folder, 'tzdata.zi'), 'utf8'))?.[1];
if (release === undefined) throw new Error(`${folder}/tzdata.zi does not name its release`);
const zones = readZones(folder);
const periods: string[] = [];
const names: Record<string, string> = {};
for (const [name, zone] of [...zones].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const indexes = encodePeriods(zone).map((text) => {
    const known = periods.indexOf(text);
    return known < 0 ? periods.push(text) - 1 : known;
  });
  names[name] = [zone.initialOffset, ...indexes].join(' ');
}
const table = { version: zoneTableVersion(release, zones), names, periods };
writeFileSync(
  new URL('../src/medallion/sql/zone-transitions.json', import.meta.url),
  `${JSON.stringify(table, null, 2)}\n`,
);
console.log(`${table.version}: ${zones.size} names, ${periods.length} periods`);

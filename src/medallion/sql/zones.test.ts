import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { zoneTableVersion } from '../../../scripts/zone-version.ts';
import { isZone, localBoundaries, ZONE_TABLE_VERSION, zoneTransitions } from './zones.ts';
import table from './zone-transitions.json' with { type: 'json' };

const all = Object.keys(table.names);
// Zones whose past no recent IANA release corrected: the host's release may be older or newer than
// the table's.
const settled = [
  'Australia/Sydney',
  'Europe/London',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Africa/Casablanca',
  'America/New_York',
  'America/St_Johns',
  'Africa/Monrovia',
  'Europe/Amsterdam',
];
const seconds = (text: string) => Date.parse(`${text}Z`) / 1000;

function offsetAt(zone: string, at: number): number {
  const { initialOffset, transitions } = zoneTransitions(zone);
  return transitions.findLast((next) => next.at <= at)?.offset ?? initialOffset;
}

function offsetOfLocal(zone: string, local: number): number {
  const { initialOffset, boundaries } = localBoundaries(zone);
  return boundaries.findLast((next) => next.local <= local)?.offset ?? initialOffset;
}

/** Temporal takes the first of a repeated time and the offset before a skipped one by default. */
function temporalLocal(zone: string, local: number): number {
  const wall = new Date(local * 1000).toISOString().slice(0, 19);
  return local - Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds / 1000;
}

function temporalAt(zone: string, at: number): number {
  return (
    Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone).offsetNanoseconds /
    1e9
  );
}

const times = (from: string, to: string) =>
  fc.integer({ min: seconds(`${from}T00:00`), max: seconds(`${to}T00:00`) });

describe('the offset of an instant', () => {
  test('equals that of Temporal, in settled zones since 1900', () => {
    fc.assert(
      fc.property(fc.constantFrom(...settled), times('1900-01-01', '2026-01-01'), (zone, at) => {
        expect(offsetAt(zone, at)).toBe(temporalAt(zone, at));
      }),
      { numRuns: 500 },
    );
  });

  test('equals that of Temporal, in every zone of this century', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), times('2000-01-01', '2025-01-01'), (zone, at) => {
        expect(offsetAt(zone, at)).toBe(temporalAt(zone, at));
      }),
      { numRuns: 500 },
    );
  });

  test('changes in the very second in which Temporal changes it', () => {
    for (const zone of settled) {
      for (const { at } of zoneTransitions(zone).transitions.filter(
        (next) => next.at < seconds('2026-01-01T00:00'),
      )) {
        expect([zone, at, offsetAt(zone, at - 1), offsetAt(zone, at)]).toEqual([
          zone,
          at,
          temporalAt(zone, at - 1),
          temporalAt(zone, at),
        ]);
      }
    }
  });

  test('follows today’s rules until 2100', () => {
    expect(offsetAt('Australia/Sydney', seconds('2099-10-03T15:59:59'))).toBe(36_000);
    expect(offsetAt('Australia/Sydney', seconds('2099-10-03T16:00:00'))).toBe(39_600);
    expect(zoneTransitions('Australia/Sydney').transitions.at(-1)?.at).toBe(
      seconds('2099-10-03T16:00:00'),
    );
  });

  test('knows what changed in 2026: British Columbia, Alberta and Manitoba keep summer time, Morocco is back at UTC', () => {
    const winter = seconds('2026-12-15T12:00');
    const zones = [
      'America/Vancouver',
      'America/Edmonton',
      'America/Winnipeg',
      'Africa/Casablanca',
    ];
    expect(zones.map((zone) => offsetAt(zone, winter) / 3600)).toEqual([-7, -6, -5, 0]);
  });

  test('is exact where it is not whole minutes', () => {
    expect(offsetAt('Africa/Monrovia', seconds('1910-01-01T00:00'))).toBe(-(43 * 60 + 8));
    expect(offsetAt('Asia/Kathmandu', seconds('1910-01-01T00:00'))).toBe(5 * 3600 + 41 * 60 + 16);
  });
});

describe('the offset of a local time', () => {
  test('equals that of Temporal, in settled zones since 1900', () => {
    fc.assert(
      fc.property(fc.constantFrom(...settled), times('1900-01-02', '2026-01-01'), (zone, local) => {
        expect(offsetOfLocal(zone, local)).toBe(temporalLocal(zone, local));
      }),
      { numRuns: 500 },
    );
  });

  test('equals that of Temporal around every change of the clock', () => {
    for (const zone of settled) {
      const { boundaries } = localBoundaries(zone);
      for (const { local } of boundaries.filter(
        (next) => next.local < seconds('2026-01-01T00:00'),
      )) {
        for (const near of [local - 5400, local - 1, local, local + 1800]) {
          expect([zone, near, offsetOfLocal(zone, near)]).toEqual([
            zone,
            near,
            temporalLocal(zone, near),
          ]);
        }
      }
    }
  });

  test.each([
    ['Australia/Sydney', 'occurs twice: the first', '2026-04-05T02:30', 11],
    ['Australia/Sydney', 'occurs once more', '2026-04-05T03:00', 10],
    ['Australia/Sydney', 'is skipped: the offset before it', '2026-10-04T02:30', 10],
    ['Australia/Sydney', 'follows the skipped hour', '2026-10-04T03:00', 11],
    ['Europe/London', 'occurs twice: the first', '2026-10-25T01:30', 1],
    ['Europe/London', 'is skipped: the offset before it', '2026-03-29T01:30', 0],
    ['Australia/Lord_Howe', 'occurs twice, in a change of half an hour', '2026-04-05T01:45', 11],
    ['Australia/Lord_Howe', 'is skipped, in a change of half an hour', '2026-10-04T02:15', 10.5],
    ['Asia/Kathmandu', 'is skipped, in a change of a quarter', '1986-01-01T00:10', 5.5],
    ['Asia/Kathmandu', 'follows the skipped quarter', '1986-01-01T00:15', 5.75],
    ['Pacific/Apia', 'is skipped, on the day that never was', '2011-12-30T23:59', -10],
    ['Pacific/Apia', 'follows the day that never was', '2011-12-31T00:00', 14],
    ['Africa/Casablanca', 'occurs twice, as Ramadan begins', '2024-03-10T02:30', 1],
    ['Africa/Casablanca', 'is skipped, after Ramadan', '2024-04-14T02:30', 0],
  ])('%s: a time that %s', (zone, _, local, hours) => {
    expect(offsetOfLocal(zone, seconds(local)) / 3600).toBe(hours);
  });

  test('its boundaries ascend in every zone', () => {
    const unordered = all.filter((zone) => {
      const locals = localBoundaries(zone).boundaries.map(({ local }) => local);
      return locals.some((local, index) => local <= (locals[index - 1] ?? -Infinity));
    });
    expect(unordered).toEqual([]);
  });
});

describe('the table', () => {
  test('has the zones of the host’s Intl, and the aliases that people write', () => {
    const release = ZONE_TABLE_VERSION.split('-')[0] ?? '';
    const host =
      (process.versions['tz'] ?? '') <= release ? Intl.supportedValuesOf('timeZone') : [];
    const aliases = [
      'UTC',
      'Etc/UTC',
      'GMT',
      'Asia/Calcutta',
      'Asia/Kolkata',
      'US/Eastern',
      'America/Buenos_Aires',
      'NZ',
    ];
    expect([...host, ...aliases].filter((zone) => !isZone(zone))).toEqual([]);
  });

  test('an alias is its zone', () => {
    expect(zoneTransitions('US/Eastern')).toEqual(zoneTransitions('America/New_York'));
    expect(zoneTransitions('Asia/Calcutta')).toEqual(zoneTransitions('Asia/Kolkata'));
    expect(zoneTransitions('Etc/UTC')).toEqual({ initialOffset: 0, transitions: [] });
  });

  test('rejects other names, abbreviations and offsets among them', () => {
    const names = [
      'AEST',
      'BST',
      'IST',
      'australia/sydney',
      'Mars/Phobos',
      '+10:00',
      '',
      '__proto__',
      'constructor',
    ];
    expect(names.filter(isZone)).toEqual([]);
    expect(() => zoneTransitions('Mars/Phobos')).toThrow('Mars/Phobos');
  });

  test('has the digest of its content as its version', () => {
    const zones = new Map(all.map((name) => [name, zoneTransitions(name)]));
    expect(zoneTableVersion(ZONE_TABLE_VERSION.split('-')[0] ?? '', zones)).toBe(
      ZONE_TABLE_VERSION,
    );
    zones.set('Australia/Sydney', zoneTransitions('Australia/Brisbane'));
    expect(zoneTableVersion(ZONE_TABLE_VERSION.split('-')[0] ?? '', zones)).not.toBe(
      ZONE_TABLE_VERSION,
    );
  });
});

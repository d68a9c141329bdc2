import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { ruleTransitions } from '../../scripts/posix-zone.ts';
import { isTzif, readTzif } from '../../scripts/tzif.ts';

const seconds = (text: string) => Date.parse(text) / 1000;

/**
 * A compiled zone of version 2: an empty version 1 block, then the given transitions between the
 * given offsets, then the rule.
 */
function compiled(
  offsets: number[],
  transitions: [at: string, type: number][],
  rule: string,
): Buffer {
  const header = (times: number, types: number) => {
    const bytes = Buffer.alloc(44);
    bytes.write('TZif2', 'latin1');
    bytes.writeUInt32BE(times, 32);
    bytes.writeUInt32BE(types, 36);
    return bytes;
  };
  const times = Buffer.alloc(8 * transitions.length);
  for (const [index, [at]] of transitions.entries())
    times.writeBigInt64BE(BigInt(seconds(at)), 8 * index);
  const types = Buffer.alloc(6 * offsets.length);
  for (const [index, value] of offsets.entries()) types.writeInt32BE(value, 6 * index);
  const which = Buffer.from(transitions.map(([, type]) => type));
  return Buffer.concat([
    header(0, 0),
    header(transitions.length, offsets.length),
    times,
    which,
    types,
    Buffer.from(`\n${rule}\n`),
  ]);
}

test('a compiled zone is its transitions since 1900, then its rule, without changes that have no effect', () => {
  const bytes = compiled(
    [-1172, 0, 3600, 3600],
    [
      ['1899-01-01T00:00Z', 1],
      ['1950-04-01T00:00Z', 2],
      ['1960-04-01T00:00Z', 3],
      ['2095-10-30T01:00Z', 1],
    ],
    'GMT0BST,M3.5.0/1,M10.5.0',
  );
  expect(isTzif(bytes)).toBe(true);
  const { initialOffset, transitions } = readTzif(bytes);
  expect(initialOffset).toBe(0);
  expect(transitions.slice(0, 3)).toEqual([
    { at: seconds('1950-04-01T00:00Z'), offset: 3600 },
    { at: seconds('2095-10-30T01:00Z'), offset: 0 },
    { at: seconds('2096-03-25T01:00Z'), offset: 3600 },
  ]);
  expect(transitions.at(-1)).toEqual({ at: seconds('2099-10-25T01:00Z'), offset: 0 });
});

test('before its first transition a zone has the first of its offsets', () => {
  expect(readTzif(compiled([-1172, 0], [['1950-01-01T00:00Z', 1]], 'GMT0')).initialOffset).toBe(
    -1172,
  );
});

test('a file of version 1 is rejected, since it ends in 2037', () => {
  const bytes = compiled([0], [], 'UTC0');
  bytes[4] = 0;
  expect(() => readTzif(bytes)).toThrow('2037');
});

test.each([
  ['Australia/Sydney', 'AEST-10AEDT,M10.1.0,M4.1.0/3'],
  ['America/New_York', 'EST5EDT,M3.2.0,M11.1.0'],
  ['Australia/Lord_Howe', '<+1030>-10:30<+11>-11,M10.1.0,M4.1.0'],
  ['Europe/Dublin', 'IST-1GMT0,M10.5.0,M3.5.0/1'],
  ['America/Nuuk', '<-02>2<-01>,M3.5.0/-1,M10.5.0/0'],
  ['Asia/Jerusalem', 'IST-2IDT,M3.4.4/26,M10.5.0'],
])('the rule of %s changes its clock when Temporal does', (zone, rule) => {
  const changes = ruleTransitions(rule, 2025);
  expect(changes).toHaveLength(2);
  for (const { at, offset } of changes) {
    const instant = Temporal.Instant.fromEpochMilliseconds(at * 1000);
    expect(instant.toZonedDateTimeISO(zone).offsetNanoseconds / 1e9).toBe(offset);
    expect(
      instant.subtract({ seconds: 1 }).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9,
    ).not.toBe(offset);
  }
});

test('a rule without summer time changes nothing, and an invalid rule is an error', () => {
  expect(ruleTransitions('<+0545>-5:45', 2025)).toEqual([]);
  expect(() => ruleTransitions('EST5EDT,J60,J300', 2025)).toThrow('J60');
  expect(() => ruleTransitions('?', 2025)).toThrow('?');
});

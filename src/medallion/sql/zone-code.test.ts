import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePeriods, encodePeriods } from './zone-code.ts';

const offset = fc.oneof(fc.integer({ min: -43_200, max: 50_400 }), fc.constantFrom(0, 3600, 7200));
const transition = fc.record({
  at: fc.integer({ min: Date.UTC(1900) / 1000 + 1, max: Date.UTC(2100) / 1000 }),
  offset,
});

test('decodes a zone from its periods, to the second', () => {
  const transitions = fc
    .uniqueArray(transition, { selector: ({ at }) => at, maxLength: 30 })
    .map((list) => list.toSorted((a, b) => a.at - b.at));
  fc.assert(
    fc.property(offset, transitions, (initialOffset, list) => {
      const zone = { initialOffset, transitions: list };
      expect(decodePeriods(initialOffset, encodePeriods(zone))).toEqual(zone);
    }),
  );
});

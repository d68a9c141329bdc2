import {
  canonicalDate,
  localSeconds,
  offsetOfLocal,
  writtenMicros,
  writtenOffset,
} from '../sql/dates.ts';
import type { Dialect } from '../sql/dialect.ts';
import { decimalOf, isNumber } from '../sql/numbers.ts';
import type { Source } from '../source.ts';
import type { Stage } from '../sql/stages.ts';

const PLAIN = { decimal: '.', thousands: '' } as const;

/**
 * The stages that read `updated_at` as a number, which is tried first, or as an instant in
 * microseconds (SPEC section 4); both null where it is neither. Where no source column is mapped
 * the long expressions are left out: they would cost planning time for every batch.
 */
export function updatedAtStages(
  dialect: Dialect,
  { source, timeZone }: { source: Source; timeZone: string },
): Stage[] {
  if (source.fields.updated_at === undefined)
    return [
      [
        ['updated_number', 'cast(null as decimal(27,9))'],
        ['updated_micros', 'cast(null as bigint)'],
      ],
    ];
  const zone = source.timeZone ?? timeZone;
  const timed = 'length(updated_text) = 19';
  return [
    [
      ['updated_is_number', `coalesce(${isNumber('v_updated_at', PLAIN)}, false)`],
      ['updated_text', canonicalDate('v_updated_at', source.dateFormats)],
    ],
    [
      [
        'updated_number',
        `case when updated_is_number then ${decimalOf('v_updated_at', 27, 9)} end`,
      ],
      [
        'updated_local',
        `case when not updated_is_number and updated_text is not null then ${localSeconds(dialect, 'updated_text')} end`,
      ],
      ['updated_offset', `case when ${timed} then ${writtenOffset('v_updated_at')} end`],
    ],
    [
      [
        'updated_utc',
        `case when updated_local is not null then updated_local - coalesce(updated_offset, ${offsetOfLocal(zone, 'updated_local')}) end`,
      ],
    ],
    [
      [
        'updated_micros',
        `cast(updated_utc * 1000000 + case when ${timed} then ${writtenMicros('v_updated_at')} else 0 end as bigint)`,
      ],
    ],
  ];
}

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
import { defineField } from './field.ts';

const PLAIN = { decimal: '.', thousands: '' } as const;

/**
 * The stages that read `updated_at` as a number, which is tried first, or as an instant in
 * microseconds (SPEC section 4); both null where it is neither. Where no source column is mapped
 * the long expressions are left out: they would cost planning time for every batch.
 */
function updatedAtStages(
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

/** When the version was written, a number or an instant: the greatest of a purchase's wins. */
export const updatedAt = defineField({
  reads: ['updated_at'],
  silver: ['updated_number', 'updated_micros'],
  clean: (dialect, context) => ({ own: updatedAtStages(dialect, context) }),
  checks: () => [
    [
      [
        'updated_bad',
        'v_updated_at is not null and updated_number is null and updated_micros is null',
      ],
    ],
  ],
  accepted: () => 'not updated_bad',
  rejections: [
    {
      firstOf: [
        {
          reason: 'updated_at_invalid',
          when: 'updated_bad',
          remedy:
            'Declare how the source writes times in its `dateFormats`, or map `fields.updated_at` to another column.',
        },
      ],
    },
  ],
  fastPath: {
    patterns: { updated_at: (word) => `(?:${word})?` },
    columns: ({ textOrNull }) => [['v_updated_at', textOrNull('updated_at')]],
    // Few files have the column, so its texts are cleaned by the rule itself.
    own: updatedAtStages,
    accepted: '(v_updated_at is null or updated_number is not null or updated_micros is not null)',
  },
});

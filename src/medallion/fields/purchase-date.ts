import type { RowsContext } from '../rows-context.ts';
import {
  canonicalDate,
  dateOfSeconds,
  localSeconds,
  offsetOfInstant,
  offsetOfLocal,
  writtenOffset,
} from '../sql/dates.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { Stage } from '../sql/stages.ts';
import { defineField } from './field.ts';

/** Days that every year has, and 29 February: in other years a line with it is rejected. */
const DATE =
  '[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)';

/** The stages that turn timestamps into the business zone's date. */
function dateStages(dialect: Dialect, { source, timeZone, ingestionDate }: RowsContext): Stage[] {
  const zone = source.timeZone ?? timeZone;
  // Later dates are rejected in any zone. Without the zone's later changes the SQL is shorter, and
  // planning it is most of the cost of a small file.
  const until = Date.parse(ingestionDate) / 1000 + 4 * 86_400;
  const stamped = (text: string, expression: string): string =>
    `case when length(${text}) = 19 then ${expression} end`;
  const toUtc = (local: string, offset: string): string =>
    `${local} - coalesce(${offset}, ${offsetOfLocal(zone, local, until)})`;
  return [
    [
      ['date_local', stamped('date_text', localSeconds(dialect, 'date_text'))],
      ['date_offset', stamped('date_text', writtenOffset('v_purchase_date'))],
    ],
    [
      [
        'date_utc',
        zone === timeZone
          ? 'case when date_offset is not null then date_local - date_offset end'
          : `case when date_local is not null then ${toUtc('date_local', 'date_offset')} end`,
      ],
    ],
    [
      [
        'purchase_date',
        `case when date_utc is null then try_cast(case when length(date_text) = 10 then date_text else substr(date_text, 1, 10) end as date) else ${dateOfSeconds(`(date_utc + ${offsetOfInstant(timeZone, 'date_utc', until)})`)} end`,
      ],
    ],
  ];
}

/** The day of the purchase in the business zone. */
export const purchaseDate = defineField({
  reads: ['purchase_date'],
  silver: ['purchase_date'],
  cells: { purchase_date: 'date_in_range' },
  clean: (dialect, context) => ({
    shared: [[['date_text', canonicalDate('v_purchase_date', context.source.dateFormats)]]],
    own: dateStages(dialect, context),
  }),
  accepted: () => 'date_in_range is not null',
  rejections: [
    {
      firstOf: [
        {
          reason: 'purchase_date_missing',
          when: 'v_purchase_date is null',
          remedy:
            'Send the rows again with a date, or map `fields.purchase_date` to another column.',
        },
        {
          reason: 'purchase_date_invalid',
          when: 'purchase_date is null',
          remedy: 'Declare how the source writes dates in its `dateFormats`, such as "d/M/yyyy".',
        },
        {
          reason: 'purchase_date_out_of_range',
          when: 'date_in_range is null',
          remedy:
            'The date is before 1900 or more than a day after its file arrived: check day against month in `dateFormats`, or have the row corrected.',
        },
      ],
    },
  ],
  fastPath: {
    patterns: { purchase_date: () => DATE },
    columns: ({ text }) => [['purchase_date', `try_cast(${text('purchase_date')} as date)`]],
    cells: { purchase_date: 'date_in_range' },
  },
});

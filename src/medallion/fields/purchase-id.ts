import { defineField } from './field.ts';

/** The id of a purchase whose source has none: a digest of the object and the row's number. */
const OWN_ID = `concat(content_sha256, ':', cast(row_number as string))`;

/** The purchase's id, any text; all versions of one purchase have it in common. */
export const purchaseId = defineField({
  reads: ['purchase_id'],
  fallback: ({ source }) => (source.fields.purchase_id === undefined ? OWN_ID : undefined),
  silver: ['purchase_id'],
  cells: { purchase_id: 'v_purchase_id' },
  accepted: () => 'v_purchase_id is not null',
  rejections: [
    {
      firstOf: [
        {
          reason: 'purchase_id_missing',
          when: 'v_purchase_id is null',
          remedy:
            'Ask the source for the id, map `fields.purchase_id` to another column, or set it to null where no purchase ever has one.',
        },
      ],
    },
  ],
  fastPath: {
    patterns: { purchase_id: (word) => word },
    columns: ({ text }) => [['v_purchase_id', text('purchase_id') ?? OWN_ID]],
    cells: { purchase_id: 'v_purchase_id' },
  },
});

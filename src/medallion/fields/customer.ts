import { wholeNumber } from '../sql/numbers.ts';
import { lowered } from '../sql/text.ts';
import type { Source } from '../source.ts';
import { defineField } from './field.ts';

const hasKey = ({ fields }: Source): boolean => fields.customer_key !== undefined;

/** The customer: a 32-bit integer, or a key for which the registry holds an integer. */
export const customer = defineField({
  reads: ['customer_id', 'customer_key'],
  silver: ['customer_id', 'customer_key'],
  clean: (_, { source }) => ({
    shared: [
      [
        ['customer_id', hasKey(source) ? 'cast(null as int)' : wholeNumber('v_customer_id')],
        ['key_lower', lowered('v_customer_key')],
      ],
      [['customer_key', 'case when length(key_lower) <= 255 then key_lower end']],
    ],
  }),
  accepted: (source) => `${hasKey(source) ? 'customer_key' : 'customer_id'} is not null`,
  rejections: [
    {
      appliesTo: (source) => !hasKey(source),
      firstOf: [
        {
          reason: 'customer_id_missing',
          when: 'v_customer_id is null',
          remedy:
            'Send the rows again with a customer; orders of guests without one stay here and count for no customer.',
        },
        {
          reason: 'customer_id_invalid',
          when: 'customer_id is null',
          remedy:
            'A customer_id is a whole number of 32 bits. Where the shop has keys instead, map `fields.customer_key`.',
        },
      ],
    },
    {
      appliesTo: hasKey,
      firstOf: [
        {
          reason: 'customer_key_missing',
          when: 'v_customer_key is null',
          remedy:
            'Send the rows again with a key, or map `fields.customer_key` to a coalesce of columns.',
        },
        {
          reason: 'customer_key_invalid',
          when: 'customer_key is null',
          remedy:
            'A customer key has at most 255 characters: check that the right column is mapped.',
        },
      ],
    },
  ],
  fastPath: {
    patterns: { customer_id: () => '[1-9][0-9]{0,8}' },
    // An engine may compute a cast before it has filtered the lines out that do not match.
    columns: ({ text }) => [['customer_id', `try_cast(${text('customer_id')} as int)`]],
    cells: { customer_key: 'null' },
  },
});
